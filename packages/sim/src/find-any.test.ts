import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { findAny } from "./find-any.ts";

/** Few different bytes, so that needles are found, overlap and begin alike. */
const bytes = (minLength: number, maxLength: number) =>
  fc.array(fc.nat({ max: 2 }), { minLength, maxLength }).map((values) => Uint8Array.from(values));

test.prop([bytes(0, 60), fc.array(bytes(4, 7), { maxLength: 4 })], { numRuns: 500 })(
  "finds a needle exactly if one is there",
  (haystack, needles) => {
    const isThere = (needle: Uint8Array): boolean => Buffer.from(haystack).includes(Buffer.from(needle));
    const found = findAny(haystack, needles);
    expect(found >= 0).toBe(needles.some(isThere));
    if (found >= 0) expect(isThere(needles[found] ?? new Uint8Array(0))).toBe(true);
  },
);

test("a needle at the very end is found, one that is cut off is not, and one too short is refused", () => {
  const haystack = Uint8Array.of(9, 1, 2, 3, 4);
  expect(findAny(haystack, [Uint8Array.of(1, 2, 3, 4)])).toBe(0);
  expect(findAny(haystack, [Uint8Array.of(1, 2, 3, 4, 5)])).toBe(-1);
  expect(() => findAny(haystack, [Uint8Array.of(1, 2, 3)])).toThrow(RangeError);
});
