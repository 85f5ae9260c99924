import { MAX_TIMER_SECONDS } from "@stonechat/core";
import { UsageFailure } from "../failure.ts";
import { parseDuration } from "./durations.ts";

/**
 * Reads a timer of disappearing messages like `30s`, `1h` or `7d`, and gives seconds.
 *
 * @throws {@link UsageFailure} on anything else, on zero, and above 365 days.
 */
export function parseTimer(text: string, option: string): number {
  const seconds = parseDuration(text, option) / 1_000;
  if (seconds > MAX_TIMER_SECONDS) throw new UsageFailure(`${option} takes at most 365d.`);
  return seconds;
}
