import { useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { Progress } from "../design/Waiting.tsx";
import { formatPercent, formatSize } from "../locales/format.ts";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { WordsEntry } from "./WordsEntry.tsx";
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
  const [words, setWords] = useState("");
  const [relayUrl, setRelayUrl] = useState(location.origin);
  const [error, setError] = useState<string>();
  const [progress, setProgress] = useState<{ readonly done: number; readonly total: number }>();
  const busy = progress !== undefined;
  const fetchVault = async (code: string, relay: string | undefined): Promise<void> => {
    setError(undefined);
    setProgress({ done: 0, total: 0 });
    try {
      const input = { code, ...(relay === undefined || relay === "" ? {} : { relayUrl: relay }) };
      await restore(input, (done, total) => {
        setProgress({ done, total });
      });
      onRestored();
    } catch (reason) {
      setError(describeError(reason));
      setProgress(undefined);
    }
  };
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && words.trim() !== "") void fetchVault(words, relayUrl.trim());
      }}
    >
      <p>{t("restore.travel-text")}</p>
      <WordsEntry
        label={t("restore.travel-words")}
        hint={t("restore.words-hint")}
        count={TRAVEL_WORDS}
        value={words}
        onChange={setWords}
        onScanned={(text) => void fetchVault(text, undefined)}
      />
      <Field
        label={t("restore.relay")}
        hint={t("restore.relay-hint")}
        value={relayUrl}
        onChange={setRelayUrl}
        type="url"
        autoComplete="off"
      />
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
      {error !== undefined && <Banner tone="danger" icon="warning" title={error} />}
      <div className={css["actions"]}>
        <Button onPress={onBack} isDisabled={busy}>
          {t("action.back")}
        </Button>
        <Button type="submit" look="primary" isDisabled={words.trim() === ""} busy={busy}>
          {t("restore.travel-do")}
        </Button>
      </div>
    </form>
  );
}
