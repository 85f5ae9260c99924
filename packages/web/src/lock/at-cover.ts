import type { VaultMode } from "@stonechat/core/client-api";

/** Wrong passphrases in a row that a covered app bears before it locks. */
const PASSPHRASE_TRIES = 3;

/**
 * What a secret does that was given over a covered app. `pass-on`: the vault is locked, and whatever the secret opens is
 * opened: a duress PIN must do here what it does on a locked screen, or the cover would tell it from a wrong one.
 * `lock` alone while the decoy is visited: its owner, who is at home there, would else destroy the real vault by mistake.
 */
export type CoverVerdict = "uncover" | "again" | "lock" | "pass-on";

/** @param wrongBefore - Secrets since the app was covered that were not this vault's. */
export function judgeAtCover(
  recognised: boolean,
  mode: VaultMode,
  visiting: boolean,
  wrongBefore: number,
): CoverVerdict {
  if (recognised) return "uncover";
  if (mode === "pin") return visiting ? "lock" : "pass-on";
  return wrongBefore + 1 >= PASSPHRASE_TRIES ? "lock" : "again";
}
