import { expect, test } from "vitest";
import { runSeed } from "./run.ts";

test.each([
  { seed: 3, mls: "fake" },
  { seed: 8, mls: "fake" },
  { seed: 18, mls: "fake" },
  { seed: 103, mls: "fake" },
  { seed: 7, mls: "fake", hostile: true },
  { seed: 2, mls: "real" },
] as const)("a seed does the same again, frame by frame: $seed $mls", async (options) => {
  const first = await runSeed(options);
  const second = await runSeed(options);
  expect(second.traceHash).toBe(first.traceHash);
  expect(second.events).toBe(first.events);
});

test("another seed does something else", async () => {
  const [first, second] = [await runSeed({ seed: 1, mls: "fake" }), await runSeed({ seed: 2, mls: "fake" })];
  expect(second.traceHash).not.toBe(first.traceHash);
});
