/** ISO 8601 in UTC with milliseconds, as every time in JSON is. A time that no calendar has becomes 1970. */
export function isoTime(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

/** `2026-11-22 14:05` in local time. */
export function localTime(instant: number): string {
  const date = new Date(instant);
  if (Number.isNaN(date.getTime())) return "unknown time";
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `1h`, `90m`, `7d`: a timer as the options take it, in the largest unit that makes a whole number. */
export function spanText(seconds: number): string {
  const units = [
    ["d", 86_400],
    ["h", 3_600],
    ["m", 60],
  ] as const;
  const [unit, length] = units.find(([, size]) => seconds % size === 0) ?? (["s", 1] as const);
  return `${String(seconds / length)}${unit}`;
}

/** `1.5 MB`: bytes for a person, in powers of 1000. */
export function byteCount(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"] as const;
  let value = bytes;
  let index = 0;
  while (value >= 999.5 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${index === 0 || value >= 99.5 ? value.toFixed(0) : value.toFixed(1)} ${units[index] ?? "TB"}`;
}
