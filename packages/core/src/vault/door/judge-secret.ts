import type { Random } from "@stonechat/crypto";
import type { SecretJudgement, VaultMode } from "../../vault-api.ts";
import { isCommonPin } from "./common-pins.ts";
import { WORDS } from "../../words/word-list.ts";

export const PIN_DIGITS = 6;
const PASSPHRASE_WORD_COUNT = 6;
/** As good as six words of a list, if nobody can foresee them. */
const MIN_PASSPHRASE_CHARACTERS = 24;
const MIN_WORD_CHARACTERS = 3;
const MIN_DIFFERENT_WORDS = 5;
const MIN_DIFFERENT_CHARACTERS = 8;
const MAX_PASSPHRASE_BYTES = 1024;
/** First digits of the sets that keyboards of several languages type: European, Arabic, Persian, Devanagari, full width. */
const DIGIT_ZEROS = [0x30, 0x660, 0x6f0, 0x966, 0xff10] as const;

/**
 * A secret as it is hashed: NFKC; a PIN in ASCII digits without spaces, a passphrase in lower case with single spaces,
 * so that it can be typed on another keyboard.
 */
export function normaliseSecret(mode: VaultMode, secret: string): string {
  if (mode === "pin") return [...secret.normalize("NFKC")].map(toAsciiDigit).join("").replaceAll(/\s/g, "");
  return secret.normalize("NFKC").toLowerCase().trim().split(/\s+/).join(" ");
}

/** Whether a secret may be used. Says nothing about one that a vault already has. */
export function judgeSecret(mode: VaultMode, secret: string): SecretJudgement {
  const value = normaliseSecret(mode, secret);
  switch (mode) {
    case "none":
      return value === "" ? "good" : "too-long";
    case "pin":
      return judgePin(value);
    case "passphrase":
      return judgePassphrase(value);
  }
}

/** Six digits that nobody can foresee and {@link judgeSecret} finds good. */
export function proposePin(random: Random): string {
  for (;;) {
    const pin = Array.from({ length: PIN_DIGITS }, () => String(below(10, random))).join("");
    if (judgePin(pin) === "good") return pin;
  }
}

/** Six words of {@link WORDS}: 66 bits. */
export function proposePassphrase(random: Random): string {
  for (;;) {
    const words = Array.from({ length: PASSPHRASE_WORD_COUNT }, () => WORDS[below(WORDS.length, random)] ?? "");
    const passphrase = words.join(" ");
    if (judgePassphrase(passphrase) === "good") return passphrase;
  }
}

function judgePin(pin: string): SecretJudgement {
  if (!/^[0-9]*$/.test(pin)) return "not-digits";
  if (pin.length !== PIN_DIGITS) return pin.length < PIN_DIGITS ? "too-short" : "too-long";
  return isCommonPin(pin) ? "common" : "good";
}

function judgePassphrase(passphrase: string): SecretJudgement {
  if (new TextEncoder().encode(passphrase).length > MAX_PASSPHRASE_BYTES) return "too-long";
  const words = passphrase.split(" ").filter((word) => [...word].length >= MIN_WORD_CHARACTERS);
  const characters = [...passphrase];
  if (words.length < PASSPHRASE_WORD_COUNT && characters.length < MIN_PASSPHRASE_CHARACTERS) return "too-short";
  if (words.length >= PASSPHRASE_WORD_COUNT && new Set(words).size < MIN_DIFFERENT_WORDS) return "common";
  return new Set(characters).size < MIN_DIFFERENT_CHARACTERS ? "common" : "good";
}

function toAsciiDigit(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const zero = DIGIT_ZEROS.find((first) => code >= first && code < first + 10);
  return zero === undefined ? character : String(code - zero);
}

/** A number below `limit` (at most 65,536), each as likely. */
function below(limit: number, random: Random): number {
  const fair = 65_536 - (65_536 % limit);
  for (;;) {
    const [high = 0, low = 0] = random.bytes(2);
    const value = high * 256 + low;
    if (value < fair) return value % limit;
  }
}
