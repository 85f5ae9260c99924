import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { MAX_TIMER_SECONDS } from "../client-views.ts";
import { DELIVERY_WINDOW_SECONDS, relayTtlSeconds, shortestTimer } from "./timers.ts";

const DAY = 86_400;
const timers = fc.oneof(fc.constant(0), fc.constant(undefined), fc.integer({ min: 1, max: 0xffff_ffff }));

describe("the timer that counts", () => {
  test.prop([fc.array(timers)])("is no longer than any that is set, and none only if none is", (all) => {
    const set = all.filter((seconds) => seconds !== undefined && seconds > 0) as readonly number[];
    const shortest = shortestTimer(...all);
    expect(shortest === 0).toBe(set.length === 0);
    for (const seconds of set) expect(shortest).toBeLessThanOrEqual(seconds);
    expect(shortest).toBeLessThanOrEqual(MAX_TIMER_SECONDS);
  });

  test.prop([timers, timers, timers])("does not depend on the order", (a, b, c) => {
    expect(shortestTimer(a, b, c)).toBe(shortestTimer(c, shortestTimer(b, a)));
  });
});

describe("how long the relay keeps it", () => {
  test.prop([fc.integer({ min: 1, max: MAX_TIMER_SECONDS })])(
    "is never longer than timer and delivery window",
    (timer) => {
      expect(relayTtlSeconds(timer)).toBeLessThanOrEqual(timer + DELIVERY_WINDOW_SECONDS);
    },
  );

  test.prop([fc.integer({ min: 0, max: MAX_TIMER_SECONDS })])("tells at most whether there is a timer", (timer) => {
    expect([14 * DAY, 30 * DAY]).toContain(relayTtlSeconds(timer));
  });

  test("is 30 days without a timer", () => {
    expect([relayTtlSeconds(0), relayTtlSeconds(1), relayTtlSeconds(16 * DAY - 1), relayTtlSeconds(16 * DAY)]).toEqual([
      30 * DAY,
      14 * DAY,
      14 * DAY,
      30 * DAY,
    ]);
  });
});
