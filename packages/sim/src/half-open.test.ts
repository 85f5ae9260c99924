import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { dieSilently } from "./half-open.ts";

test.prop([fc.nat({ max: 1_000_000 }), fc.integer({ min: 1, max: 6 })], { numRuns: 10 })(
  "when connections stop dying without a word, all have caught up within 60 s",
  async (seed, rounds) => {
    const { failures, fellSilent } = await dieSilently({ seed, rounds });
    expect(failures).toEqual([]);
    expect(fellSilent).toBeGreaterThan(0);
  },
);
