import { useState, type ReactNode } from "react";
import type { VaultMode } from "@stonechat/core/client-api";
import { Button } from "../design/Button.tsx";
import { t, type TextId } from "../locales/texts.ts";
import { SecretInput } from "../security/SecretInput.tsx";
import { Keypad } from "./Keypad.tsx";
import { mayBeSecret } from "./may-be-secret.ts";
import css from "./SecretEntry.module.css";

interface SecretEntryProps {
  readonly mode: VaultMode;
  readonly action: string;
  readonly error: string | undefined;
  readonly busy: boolean;
  readonly onSecret: (secret: string) => void;
}

const PIN_LENGTH = 6;

/** One field, and for a PIN a keypad whose digits are shuffled, for who wants it. */
export function SecretEntry({ mode, action, error, busy, onSecret }: SecretEntryProps): ReactNode {
  const [secret, setSecret] = useState("");
  const [keypad, setKeypad] = useState(false);
  const give = (given: string): void => {
    if (busy || !mayBeSecret(mode, given)) return;
    setSecret("");
    onSecret(given);
  };
  return (
    <form
      className={css["form"]}
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        give(secret);
      }}
      onPaste={(event) => {
        // Whoever could paste a PIN has it in a place where others find it.
        if (mode === "pin") event.preventDefault();
      }}
    >
      <SecretInput
        mode={mode}
        label={t(`lock.secret-${mode}` satisfies TextId)}
        value={secret}
        onChange={setSecret}
        error={error}
        autoFocus
      />
      {keypad && (
        <Keypad
          onDigit={(digit) => {
            if (secret.length < PIN_LENGTH) setSecret(secret + digit);
          }}
          onErase={() => {
            setSecret("");
          }}
        />
      )}
      <Button type="submit" look="primary" wide isDisabled={!mayBeSecret(mode, secret)} busy={busy}>
        {busy ? t("lock.opening") : action}
      </Button>
      {mode === "pin" && (
        <Button
          look="plain"
          onPress={() => {
            setKeypad(!keypad);
          }}
        >
          {keypad ? t("lock.no-keypad") : t("lock.use-keypad")}
        </Button>
      )}
    </form>
  );
}
