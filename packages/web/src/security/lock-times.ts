import type { LockSettings } from "@stonechat/core/client-api";

/** `never` and whole milliseconds, as a choice of a list. */
export type LockChoice = "never" | `${number}`;

const MINUTE = 60_000;
/** What is offered for each delay; 0 is at once. */
export const LOCK_TIMES: Readonly<Record<keyof LockSettings, readonly (number | undefined)[]>> = {
  softAfterMs: [15_000, 30_000, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, undefined],
  hardAfterMs: [MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 8 * 60 * MINUTE, undefined],
  hiddenAfterMs: [0, 10_000, 30_000, MINUTE, 5 * MINUTE, 10 * MINUTE, 60 * MINUTE, undefined],
};

export function toChoice(delayMs: number | undefined): LockChoice {
  return delayMs === undefined ? "never" : `${delayMs}`;
}

export function fromChoice(choice: string): number | undefined {
  return choice === "never" ? undefined : Number(choice);
}

/** The offered delays, and the present one among them if it is another. */
export function offeredTimes(which: keyof LockSettings, present: number | undefined): readonly (number | undefined)[] {
  const offered = LOCK_TIMES[which];
  if (offered.includes(present)) return offered;
  return [...offered, present].sort((a, b) => (a ?? Infinity) - (b ?? Infinity));
}
