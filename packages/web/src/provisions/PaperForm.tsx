import { useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { Field } from "../design/Field.tsx";
import { t } from "../locales/texts.ts";
import { WordsEntry } from "./WordsEntry.tsx";
import css from "./Provisions.module.css";

/** What stood on a paper. `relayUrl` only with words: a QR code names the relay itself. */
export interface Paper {
  readonly code: string;
  readonly relayUrl: string | undefined;
}

interface PaperFormProps {
  readonly text: string;
  readonly label: string;
  /** Words on the paper. */
  readonly count: number;
  readonly action: string;
  readonly busy: boolean;
  readonly error: string | undefined;
  readonly onPaper: (paper: Paper) => void;
  readonly onBack: () => void;
  /** What else is asked, or told. */
  readonly children?: ReactNode;
}

/** Takes the words of a paper, or its QR code, and the relay that keeps what belongs to it. */
export function PaperForm({
  text,
  label,
  count,
  action,
  busy,
  error,
  onPaper,
  onBack,
  children,
}: PaperFormProps): ReactNode {
  const [words, setWords] = useState("");
  const [relayUrl, setRelayUrl] = useState(location.origin);
  return (
    <form
      className={css["form"]}
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && words.trim() !== "") onPaper({ code: words, relayUrl: relayUrl.trim() || undefined });
      }}
    >
      <p>{text}</p>
      <WordsEntry
        label={label}
        hint={t("restore.words-hint")}
        count={count}
        value={words}
        onChange={setWords}
        onScanned={(code) => {
          onPaper({ code, relayUrl: undefined });
        }}
      />
      <Field
        label={t("restore.relay")}
        hint={t("restore.relay-hint")}
        value={relayUrl}
        onChange={setRelayUrl}
        type="url"
        autoComplete="off"
      />
      {children}
      {error !== undefined && <Banner tone="danger" icon="warning" title={error} />}
      <div className={css["actions"]}>
        <Button onPress={onBack} isDisabled={busy}>
          {t("action.back")}
        </Button>
        <Button type="submit" look="primary" isDisabled={words.trim() === ""} busy={busy}>
          {action}
        </Button>
      </div>
    </form>
  );
}
