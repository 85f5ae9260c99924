import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { padme } from "./padme.ts";

const lengths = fc.oneof(fc.nat({ max: 5000 }), fc.integer({ min: 0, max: 2 ** 40 }));

// The paper's own rule: E = floor(log2 L), S = floor(log2 E) + 1, the last E - S bits become zero.
test.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 3],
  [7, 7],
  [8, 8],
  [9, 10],
  [100, 104],
  [255, 256],
  [256, 256],
  [257, 272],
  [1000, 1024],
  [1025, 1088],
  [65_537, 67_584],
  [1_000_000, 1_015_808],
  [2 ** 30, 2 ** 30],
  [2 ** 30 + 1, 2 ** 30 + 2 ** 25],
])("%i bytes are padded to %i", (length, padded) => {
  expect(padme(length)).toBe(padded);
});

test.prop([lengths])("padding adds less than 12 % and never shortens", (length) => {
  expect(padme(length)).toBeGreaterThanOrEqual(length);
  if (length > 0) expect(padme(length)).toBeLessThan(length * 1.12);
});

test.prop([lengths])("a padded length needs no more padding", (length) => {
  expect(padme(padme(length))).toBe(padme(length));
});

test.prop([lengths, lengths])("longer files are never padded to less", (a, b) => {
  expect(padme(Math.min(a, b))).toBeLessThanOrEqual(padme(Math.max(a, b)));
});

test("files of up to 1 MiB share about 300 padded lengths", () => {
  const seen = new Set<number>();
  for (let length = 0; length <= 2 ** 20; length += 1) seen.add(padme(length));
  expect(seen.size).toBe(301);
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 52 + 1])(
  "a length of %d is our own mistake",
  (length) => {
    expect(() => padme(length)).toThrow(RangeError);
  },
);
