/** A part of a blob: from `first` up to but not including `end`. */
export interface ByteRange {
  readonly first: number;
  readonly end: number;
}

const RANGE = /^bytes=([0-9]{0,16})-([0-9]{0,16})$/;

/** One range of RFC 9110 §14.1.2. Several ranges, other units and what lies outside are `bad-range`; no header: undefined. */
export function parseRange(header: string | null, size: number): ByteRange | "bad-range" | undefined {
  if (header === null) return undefined;
  const [, first = "", last = ""] = RANGE.exec(header) ?? [];
  if (first === "" && last === "") return "bad-range";
  const range =
    first === ""
      ? { first: Math.max(0, size - Number(last)), end: size }
      : { first: Number(first), end: last === "" ? size : Math.min(size, Number(last) + 1) };
  return range.first < range.end ? range : "bad-range";
}
