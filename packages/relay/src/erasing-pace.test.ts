import { expect, test } from "vitest";
import { ErasingPace } from "./erasing-pace.ts";

/** Erases from a store that needs `microseconds` for an entry; tells the longest slice after the first 20, and the rate. */
function erase(microseconds: number): { readonly longestMs: number; readonly perSecond: number } {
  const pace = new ErasingPace();
  let [longestMs, entries, ms] = [0, 0, 0];
  for (let slice = 0; slice < 120; slice += 1) {
    const tookMs = (pace.entries * microseconds) / 1000;
    const now = pace.entries;
    pace.learn(tookMs);
    if (slice < 20) continue;
    longestMs = Math.max(longestMs, tookMs);
    entries += now;
    ms += tookMs + pace.pauseMs;
  }
  return { longestMs, perSecond: (entries / ms) * 1000 };
}

test("a quick store erases fast, a slow one in slices as short as they can be", () => {
  const quick = erase(0.5);
  expect(quick.longestMs).toBeLessThanOrEqual(12);
  expect(quick.perSecond).toBeGreaterThan(900_000);
  const slow = erase(50);
  expect(slow.longestMs).toBeLessThanOrEqual(12);
  expect(erase(1000).longestMs).toBe(200); // the least slice: nothing shorter is ever asked for
});

test("erasing takes half of the time at most while slices are short, and gives way for a while when they are long", () => {
  const pace = new ErasingPace();
  pace.learn(8);
  expect(pace.pauseMs).toBe(8);
  pace.learn(500);
  expect(pace.pauseMs).toBe(20);
  pace.learn(0);
  expect(pace.pauseMs).toBe(2);
});
