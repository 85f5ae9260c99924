import fc from "fast-check";
import { expect, test } from "vitest";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { FingerprintFilter } from "./fingerprint-filter.ts";

const fingerprints = fc.array(fc.nat({ max: 2 ** 28 - 1 }), { maxLength: 2000 });

test("whatever was added may be there", () => {
  fc.assert(
    fc.property(fingerprints, fc.nat({ max: 2000 }), (added, count) => {
      const filter = new FingerprintFilter(count);
      for (const fingerprint of added) filter.add(fingerprint);
      expect(added.filter((fingerprint) => !filter.mayHold(fingerprint))).toEqual([]);
    }),
  );
});

test("a full one takes fewer than three of a hundred others for its own", () => {
  const fractions = createSeededFractions(1);
  const draw = (): number => Math.floor(fractions() * 2 ** 28);
  const filter = new FingerprintFilter(10_000);
  let added = 0;
  for (; !filter.full; added += 1) filter.add(draw());
  expect(added).toBe(16_384);
  const wrong = Array.from({ length: 100_000 }, draw).filter((fingerprint) => filter.mayHold(fingerprint)).length;
  expect(wrong).toBeLessThan(3000);
  expect(wrong).toBeGreaterThan(500); // as it must be: else it would be larger than it says
});
