import { useState, type ReactNode } from "react";
import { Progress } from "../design/Waiting.tsx";
import { formatPercent, formatSize } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { PaperForm, type Paper } from "./PaperForm.tsx";
import css from "./Provisions.module.css";

/** Words of a journey. */
const TRAVEL_WORDS = 12;

interface RestoreTravelProps {
  /** Fetches the vault. @throws ClientError; nothing is left on this device then, and the vault stays at the relay. */
  readonly restore: (
    input: { readonly code: string; readonly relayUrl?: string },
    onProgress: (done: number, total: number) => void,
  ) => Promise<void>;
  /** The vault lies here again and waits for its PIN. */
  readonly onRestored: () => void;
  readonly onBack: () => void;
}

/** After a journey: the words, or their QR code, bring the vault back to this device. */
export function RestoreTravel({ restore, onRestored, onBack }: RestoreTravelProps): ReactNode {
  const [error, setError] = useState<string>();
  const [progress, setProgress] = useState<{ readonly done: number; readonly total: number }>();
  const fetchVault = async ({ code, relayUrl }: Paper): Promise<void> => {
    setError(undefined);
    setProgress({ done: 0, total: 0 });
    try {
      await restore({ code, ...(relayUrl === undefined ? {} : { relayUrl }) }, (done, total) => {
        setProgress({ done, total });
      });
      onRestored();
    } catch (reason) {
      setError(describeError(reason));
      setProgress(undefined);
    }
  };
  return (
    <PaperForm
      text={t("restore.travel-text")}
      label={t("restore.travel-words")}
      count={TRAVEL_WORDS}
      action={t("restore.travel-do")}
      busy={progress !== undefined}
      error={error}
      onPaper={(paper) => void fetchVault(paper)}
      onBack={onBack}
    >
      {progress !== undefined && (
        <div role="status">
          <Progress label={t("restore.fetching")} done={progress.done} total={progress.total} />
          <p className={css["soft"]}>
            {progress.total === 0
              ? t("restore.fetching")
              : t("travel.progress", {
                  part: formatPercent(progress.done / progress.total),
                  size: formatSize(progress.total),
                })}
          </p>
        </div>
      )}
    </PaperForm>
  );
}
