import { UsageFailure } from "../failure.ts";

const MILLIS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const MAX_MILLIS = 3_660 * MILLIS.d;

/**
 * Reads `30s`, `5m`, `1h` or `7d`, and gives milliseconds.
 *
 * @throws {@link UsageFailure} on anything else, on zero, and above ten years.
 */
export function parseDuration(text: string, option: string): number {
  const match = /^([1-9]\d{0,8})([smhd])$/.exec(text);
  const unit = match?.[2];
  const millis = isUnit(unit) ? Number(match?.[1]) * MILLIS[unit] : Number.NaN;
  if (!(millis <= MAX_MILLIS)) throw new UsageFailure(`${option} takes a duration like 30s, 5m, 1h or 7d.`);
  return millis;
}

/** Reads a whole number from 1 to `max`. @throws {@link UsageFailure} on anything else. */
export function parseCount(text: string, option: string, max: number): number {
  const count = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count <= max)) throw new UsageFailure(`${option} takes a whole number from 1 to ${String(max)}.`);
  return count;
}

function isUnit(text: string | undefined): text is keyof typeof MILLIS {
  return text !== undefined && Object.hasOwn(MILLIS, text);
}
