import fc from "fast-check";
import { expect, test } from "vitest";
import { EpochList, type SegmentEpoch } from "./epoch-list.ts";

const epochs: fc.Arbitrary<SegmentEpoch> = fc.record({
  hashes: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  firstSeq: fc.nat({ max: 2 ** 46 }),
  closingSeq: fc.integer({ min: -1, max: 2 ** 46 }),
  closingExpiresAt: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
});
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.record({ push: epochs }) },
  { weight: 1, arbitrary: fc.constant("pop" as const) },
  { weight: 1, arbitrary: fc.record({ drop: fc.nat({ max: 40 }) }) },
);

test("agrees with an array, and finds the newest epoch of each reader and appender", () => {
  fc.assert(
    fc.property(
      fc.array(epochs, { maxLength: 3 }),
      fc.array(steps, { maxLength: 120, size: "max" }),
      (first, history) => {
        const list = new EpochList(first);
        const twin = [...first];
        for (const step of history) {
          if (step === "pop") {
            if (twin.length > 0) expect(list.pop()).toEqual(twin.pop());
          } else if ("push" in step) {
            list.push(step.push);
            twin.push(step.push);
          } else {
            const count = Math.min(step.drop, Math.max(0, twin.length - 1));
            list.drop(count);
            twin.splice(0, count);
          }
        }
        expect(list.first(list.length)).toEqual(twin);
        for (const [index, { hashes, ...span }] of twin.entries()) {
          expect(list.spanAt(index)).toEqual(span);
          expect(list.find(hashes.subarray(0, 32), 0, list.length)).toBeGreaterThanOrEqual(index);
          expect(list.find(hashes.subarray(32), 32, list.length)).toBeGreaterThanOrEqual(index);
          expect(list.find(hashes.subarray(32), 32, index)).toBeLessThan(index);
        }
      },
    ),
  );
});

test("no hash is found in a list without epochs, nor one of another length", () => {
  const hashes = Uint8Array.from({ length: 64 }, (_, i) => i);
  const list = new EpochList([{ hashes, firstSeq: 0, closingSeq: -1, closingExpiresAt: 0 }]);
  expect(list.find(hashes.subarray(0, 32), 0, 1)).toBe(0);
  expect(list.find(hashes.subarray(0, 32), 0, 0)).toBe(-1);
  expect(list.find(hashes.subarray(0, 31), 0, 1)).toBe(-1);
  expect(list.find(hashes, 0, 1)).toBe(-1);
  expect(() => list.at(1)).toThrow(RangeError);
});
