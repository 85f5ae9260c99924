import { expect, test } from "vitest";
import { endByBadCommit } from "./bad-commits.ts";

test.each([
  ["fake", 12],
  ["real", 2],
] as const)("after a bad commit the others end in one group without its maker, with %s MLS", async (mls, runs) => {
  let continued = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const result = await endByBadCommit({ mls, seed: 7000 + seed });
    expect({ seed, failures: result.failures }).toEqual({ seed, failures: [] });
    continued += result.continued;
  }
  expect(continued).toBe(3 * runs);
});
