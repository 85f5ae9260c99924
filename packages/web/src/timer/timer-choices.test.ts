import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { MAX_TIMER_SECONDS } from "@stonechat/core/client-api";
import { choicesBelow, readTimer, splitTimer, TIMER_CHOICES, TIMER_UNITS } from "./timer-choices.ts";

describe("choices of a timer", () => {
  test("all are offered where the conversation has none", () => {
    expect(choicesBelow(0)).toEqual(TIMER_CHOICES);
  });

  test("one message is offered only what is shorter than its conversation's timer", () => {
    expect(choicesBelow(3_600)).toEqual([30, 300]);
    expect(choicesBelow(30)).toEqual([]);
  });
});

describe("an own timer", () => {
  test("is read in its unit, in the digits of both languages", () => {
    expect(readTimer("90", "minute")).toBe(5_400);
    expect(readTimer(" ٤٥ ", "second")).toBe(45);
    expect(readTimer("۲", "week")).toBe(1_209_600);
  });

  test.each(["", "0", "-1", "1.5", "1e3", "eight", "999999999"])("%j is refused", (amount) => {
    expect(readTimer(amount, "second")).toBeUndefined();
  });

  test("ends at the longest timer that the core takes", () => {
    expect(readTimer("365", "day")).toBe(MAX_TIMER_SECONDS);
    expect(readTimer("366", "day")).toBeUndefined();
  });

  test.prop([fc.integer({ min: 1, max: MAX_TIMER_SECONDS })])("comes back from what is shown of it", (seconds) => {
    const { amount, unit } = splitTimer(seconds);
    expect(TIMER_UNITS).toContain(unit);
    expect(readTimer(String(amount), unit)).toBe(seconds);
  });
});
