import type { Instant } from "@stonechat/core/client-api";
import { isRightToLeft, language, regionalLocale, t } from "./texts.ts";

const DAY_MS = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

/** Hours and minutes. */
export function formatTime(at: Instant): string {
  return format("time", { timeStyle: "short" }).format(at);
}

/** Day, month, year and time in full. */
export function formatMoment(at: Instant): string {
  return format("moment", { dateStyle: "full", timeStyle: "short" }).format(at);
}

/** Day, month and year. */
export function formatDate(at: Instant): string {
  return format("date", { dateStyle: "long" }).format(at);
}

/** A day as a separator names it: today, yesterday, a weekday of the last week, else the date. */
export function formatDay(at: Instant, now: Instant): string {
  const days = daysBetween(at, now);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  if (days > 1 && days < 7) return format("weekday", { weekday: "long" }).format(at);
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return sameYear
    ? format("day", { weekday: "short", day: "numeric", month: "long" }).format(at)
    : format("day-year", { day: "numeric", month: "long", year: "numeric" }).format(at);
}

/** As short as a list's row asks: time today, weekday this week, else the date. */
export function formatBrief(at: Instant, now: Instant): string {
  const days = daysBetween(at, now);
  if (days <= 0) return formatTime(at);
  if (days === 1) return t("day.yesterday");
  if (days < 7) return format("weekday-short", { weekday: "short" }).format(at);
  return format("brief", { day: "numeric", month: "short" }).format(at);
}

/** A size in the units people use. */
export function formatSize(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const maximumFractionDigits = unit > 1 && value < 100 ? 1 : 0;
  return new Intl.NumberFormat(regionalLocale(), {
    style: "unit",
    unit: units[unit] ?? "byte",
    // English has no plural of the short one.
    unitDisplay: unit === 0 ? "long" : "short",
    maximumFractionDigits,
  }).format(value);
}

/** A timer of messages, in the largest unit that makes a whole number: 1 hour, 90 minutes, 7 days. */
export function formatSpan(seconds: number): string {
  const units = [
    ["week", 604_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds % size === 0) ?? (["second", 1] as const);
  return new Intl.NumberFormat(regionalLocale(), { style: "unit", unit, unitDisplay: "long" }).format(seconds / length);
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(regionalLocale()).format(value);
}

export function formatPercent(part: number): string {
  return new Intl.NumberFormat(regionalLocale(), { style: "percent" }).format(part);
}

/** Names joined as the language joins them. */
export function formatList(names: readonly string[]): string {
  return new Intl.ListFormat(regionalLocale(), { type: "conjunction" }).format(names.map(isolate));
}

const RIGHT_TO_LEFT =
  /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Bidi_Control}]/u;
const LEFT_TO_RIGHT = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{N}\p{Bidi_Control}]/u;

/** Keeps a name whose direction is not the language's from changing the sentence around it. Source: UAX #9, isolates. */
export function isolate(name: string): string {
  const foreign = isRightToLeft(language()) ? LEFT_TO_RIGHT : RIGHT_TO_LEFT;
  return foreign.test(name) ? `\u2068${name}\u2069` : name;
}

/** Calendar days from `at` to `now` in local time; negative if `at` is later. */
export function daysBetween(at: Instant, now: Instant): number {
  const start = new Date(at).setHours(0, 0, 0, 0);
  const end = new Date(now).setHours(0, 0, 0, 0);
  return Math.round((end - start) / DAY_MS);
}

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${regionalLocale()} ${name}`;
  const kept = formats.get(key) ?? new Intl.DateTimeFormat(regionalLocale(), options);
  formats.set(key, kept);
  return kept;
}
