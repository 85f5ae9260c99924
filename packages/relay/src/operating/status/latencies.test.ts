import fc from "fast-check";
import { expect, test } from "vitest";
import { Latencies, LATENCY_WINDOW_MS, NO_LATENCIES } from "./latencies.ts";

test("without anything recorded there is nothing to tell", () => {
  expect(new Latencies().summary(1_000_000)).toEqual(NO_LATENCIES);
});

test("it agrees with sorting all of them, the percentile to a sixth", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 300 }),
      fc.integer({ min: 0, max: LATENCY_WINDOW_MS - 20_000 }),
      (durations, spread) => {
        const latencies = new Latencies();
        for (const [i, ms] of durations.entries()) latencies.record(ms, (i * spread) / durations.length);
        const { count, meanMs, p99Ms, maxMs } = latencies.summary(spread);
        const sorted = [...durations].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
        expect(count).toBe(durations.length);
        expect(meanMs).toBeCloseTo(sorted.reduce((a, b) => a + b, 0) / sorted.length, 6);
        expect(maxMs).toBe(sorted.at(-1));
        expect(p99Ms).toBeGreaterThanOrEqual(exact * 0.999_999);
        expect(p99Ms).toBeLessThanOrEqual(Math.max(0.005, exact * 1.16));
      },
    ),
  );
});

test("what is older than five minutes is forgotten, slot by slot", () => {
  const latencies = new Latencies();
  for (let minute = 0; minute < 60; minute += 1) latencies.record(minute, minute * 60_000);
  expect(latencies.summary(59 * 60_000)).toMatchObject({ count: 5, maxMs: 59 });
  expect(latencies.summary(59 * 60_000 + LATENCY_WINDOW_MS)).toEqual(NO_LATENCIES);
});
