import type { ReactNode } from "react";
import type { VaultMode } from "@stonechat/core/client-api";
import { Field } from "../design/Field.tsx";

interface SecretInputProps {
  readonly mode: VaultMode;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
  readonly autoFocus?: boolean;
}

/**
 * Where a PIN or passphrase is typed. It is never shown, and its characters reach no screen reader; browsers take a
 * one-time code for nothing to keep.
 */
export function SecretInput({ mode, ...rest }: SecretInputProps): ReactNode {
  return (
    <Field
      {...rest}
      type="password"
      autoComplete="one-time-code"
      inputMode={mode === "pin" ? "numeric" : "text"}
      spellCheck="false"
      autoCorrect="off"
    />
  );
}
