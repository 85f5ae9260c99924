import type { VaultMode } from "@stonechat/core/client-api";

const PIN_DIGITS = 6;
/** Six words of three letters with five spaces: no passphrase that a vault takes is shorter. */
const MIN_PASSPHRASE_LENGTH = 23;

/**
 * Whether `text` has the form of a secret. What has not is never tried: guards count each try of a PIN, and nobody shall
 * lose a guess by a slip of the finger, or by looking for a word in the notepad.
 */
export function mayBeSecret(mode: VaultMode, text: string): boolean {
  const typed = text.normalize("NFKC").trim();
  switch (mode) {
    case "none":
      return true;
    case "pin": {
      const digits = typed.replaceAll(/\s/g, "");
      return /^\p{Nd}+$/u.test(digits) && [...digits].length === PIN_DIGITS;
    }
    case "passphrase":
      return typed.length >= MIN_PASSPHRASE_LENGTH;
  }
}
