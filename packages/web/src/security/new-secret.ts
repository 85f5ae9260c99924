import type { SecretJudgement } from "@stonechat/core/client-api";

/** What the user has done so far towards a new secret. */
export interface NewSecretState {
  readonly way: "assigned" | "own";
  /** What the app proposes; `undefined` until it is there. */
  readonly proposed: string | undefined;
  readonly own: string;
  readonly again: string;
  /** Of `own`. */
  readonly judgement: SecretJudgement | undefined;
}

/** The secret once it is good and was typed as it should be; else `undefined`. */
export function finishedSecret({ way, proposed, own, again, judgement }: NewSecretState): string | undefined {
  const wanted = way === "assigned" ? proposed : judgement === "good" ? own : undefined;
  return wanted !== undefined && wanted !== "" && normalise(again) === normalise(wanted) ? wanted : undefined;
}

/** Whether what was typed again is another thing already, and not only unfinished. */
export function differs({ way, proposed, own, again }: NewSecretState): boolean {
  const wanted = normalise((way === "assigned" ? proposed : own) ?? "");
  return again !== "" && !wanted.startsWith(normalise(again));
}

/** Words may be apart by any space, and PINs may be written in groups. */
function normalise(secret: string): string {
  const text = secret.normalize("NFC").trim();
  return /^[\d\s]+$/.test(text) ? text.replaceAll(/\s/g, "") : text.replaceAll(/\s+/g, " ");
}
