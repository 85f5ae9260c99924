import { useState, type ReactNode } from "react";
import { Banner } from "../design/Banner.tsx";
import { Button } from "../design/Button.tsx";
import { t } from "../locales/texts.ts";
import { describeError } from "../state/act.ts";
import { NewSecret } from "./NewSecret.tsx";
import { SecretInput } from "./SecretInput.tsx";
import css from "./SecretForm.module.css";

interface SecretFormProps {
  readonly mode: "pin" | "passphrase";
  /** Asks for the present secret first, under this label. */
  readonly current?: string;
  readonly action: string;
  readonly onCancel: () => void;
  /** @throws ClientError; the form says what and stays. */
  readonly onSave: (next: string, current: string) => Promise<void>;
}

/** A new secret, and the present one if it is to be changed. */
export function SecretForm({ mode, current, action, onCancel, onSave }: SecretFormProps): ReactNode {
  const [present, setPresent] = useState("");
  const [next, setNext] = useState<string>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const ready = next !== undefined && (current === undefined || present !== "");
  const save = async (): Promise<void> => {
    if (next === undefined) return;
    setBusy(true);
    setError(undefined);
    try {
      await onSave(next, present);
    } catch (reason) {
      setError(describeError(reason));
    }
    setBusy(false);
  };
  return (
    <form
      className={css["form"]}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) void save();
      }}
    >
      {current !== undefined && (
        <SecretInput mode={mode} label={current} value={present} onChange={setPresent} autoFocus />
      )}
      <NewSecret mode={mode} onSecret={setNext} />
      {error !== undefined && <Banner tone="danger" icon="warning" title={error} />}
      <div className={css["actions"]}>
        <Button onPress={onCancel}>{t("action.cancel")}</Button>
        <Button type="submit" look="primary" isDisabled={!ready} busy={busy}>
          {busy ? t("secret.saving") : action}
        </Button>
      </div>
    </form>
  );
}
