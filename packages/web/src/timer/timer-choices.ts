import { MAX_TIMER_SECONDS } from "@stonechat/core/client-api";

/** The spans that are offered by name: 30 s, 5 min, 1 h, 8 h, 1 day, 1 week, 4 weeks. */
export const TIMER_CHOICES: readonly number[] = [30, 300, 3_600, 28_800, 86_400, 604_800, 2_419_200];

export type TimerUnit = "second" | "minute" | "hour" | "day" | "week";

/** Length of each unit in seconds, the shortest first. */
const UNIT_SECONDS: Readonly<Record<TimerUnit, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
};
export const TIMER_UNITS: readonly TimerUnit[] = ["second", "minute", "hour", "day", "week"];

/** The choices that are shorter than `limit` seconds; all of them if it is 0. */
export function choicesBelow(limit: number): readonly number[] {
  return limit === 0 ? TIMER_CHOICES : TIMER_CHOICES.filter((seconds) => seconds < limit);
}

/** Seconds of an own choice, or `undefined` unless it is a whole number from 1 s to the longest timer there is. */
export function readTimer(amount: string, unit: TimerUnit): number | undefined {
  const digits = foldDigits(amount.trim());
  if (!/^[0-9]{1,8}$/.test(digits)) return undefined;
  const seconds = Number(digits) * UNIT_SECONDS[unit];
  return seconds >= 1 && seconds <= MAX_TIMER_SECONDS ? seconds : undefined;
}

/** A timer as an amount of its largest unit that makes a whole number. */
export function splitTimer(seconds: number): { readonly amount: number; readonly unit: TimerUnit } {
  const unit = TIMER_UNITS.findLast((one) => seconds % UNIT_SECONDS[one] === 0) ?? "second";
  return { amount: seconds / UNIT_SECONDS[unit], unit };
}

/** Arabic-Indic digits, both forms, as ASCII. */
function foldDigits(text: string): string {
  return text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0xf));
}
