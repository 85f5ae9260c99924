import type { LockSettings } from "@stonechat/core/client-api";

/** What an open app knows of its user; times in milliseconds of one clock that never goes back. */
export interface Attention {
  /** When something was last pressed. */
  readonly activeAt: number;
  /** Since when the page is hidden; undefined while it is shown. */
  readonly hiddenAt: number | undefined;
}

export type LockVerdict = "open" | "cover" | "lock";

/** What is due now. `slept`: how long the device slept just before. */
export function judgeAttention(
  { activeAt, hiddenAt }: Attention,
  { softAfterMs = Infinity, hardAfterMs = Infinity, hiddenAfterMs = Infinity }: LockSettings,
  now: number,
  slept = 0,
): LockVerdict {
  const idle = now - activeAt;
  if (idle >= hardAfterMs || (slept > 0 && slept >= hiddenAfterMs)) return "lock";
  if (hiddenAt !== undefined && now - hiddenAt >= hiddenAfterMs) return "lock";
  return idle >= softAfterMs ? "cover" : "open";
}

/** How long until something may be due; undefined if nothing ever is. */
export function nextJudgement(
  { activeAt, hiddenAt }: Attention,
  { softAfterMs, hardAfterMs, hiddenAfterMs }: LockSettings,
  now: number,
): number | undefined {
  const due = [
    softAfterMs === undefined ? [] : [activeAt + softAfterMs],
    hardAfterMs === undefined ? [] : [activeAt + hardAfterMs],
    hiddenAfterMs === undefined || hiddenAt === undefined ? [] : [hiddenAt + hiddenAfterMs],
  ]
    .flat()
    .filter((at) => at > now);
  return due.length === 0 ? undefined : Math.min(...due) - now;
}
