import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { parseInstant } from "../ports/clock.ts";
import { count, countedNow, startCounting, type CountedTime } from "./counted-time.ts";

const START = 1_800_000_000_000;
const HOUR = 3_600_000;
const YEAR = 365 * 24 * HOUR;

function see(first: number, ...shown: readonly number[]): number {
  const time = shown.reduce<CountedTime>((t, at) => count(t, parseInstant(at)), startCounting(parseInstant(first)));
  return countedNow(time);
}

const instants = fc.nat(4_000_000_000_000);

describe("counted time", () => {
  test.prop([instants, fc.array(instants)])("never goes back, whatever the clock shows", (first, shown) => {
    let time = startCounting(parseInstant(first));
    for (const at of shown) {
      const before = countedNow(time);
      time = count(time, parseInstant(at));
      expect(countedNow(time)).toBeGreaterThanOrEqual(before);
    }
  });

  test.prop([instants, fc.array(fc.nat(YEAR))])("is the clock's as long as nobody puts it back", (first, steps) => {
    let at = first;
    const shown = steps.map((step) => (at += step));
    expect(see(first, ...shown)).toBe(at);
  });

  test.prop([instants, fc.array(instants)])("is never behind the clock", (first, shown) => {
    expect(see(first, ...shown)).toBeGreaterThanOrEqual(Math.max(first, ...shown));
  });

  test.prop([fc.nat(10 * YEAR), fc.array(fc.nat(HOUR))])(
    "goes on at the clock's pace after the clock was put back",
    (back, steps) => {
      let at = START - back;
      const before = see(START, at);
      const shown = steps.map((step) => (at += step));
      const passed = at - (START - back);
      // From where the clock has caught up nothing is counted twice.
      if (at < START) expect(see(START, START - back, ...shown)).toBe(before + passed);
      expect(see(START, START - back, ...shown)).toBeGreaterThanOrEqual(before);
    },
  );

  test("counts the hours after a jump of a year was put right, also once that year is over", () => {
    const wrong = START + YEAR;
    expect(see(START, wrong, START)).toBe(wrong);
    expect(see(START, wrong, START, START + HOUR)).toBe(wrong + HOUR);
    const year = Array.from({ length: 366 * 24 }, (_, hour) => START + hour * HOUR);
    // The hour in which the clock caught up is not: it may have been a jump.
    expect(see(START, wrong, ...year)).toBe(wrong + 366 * 24 * HOUR - 2 * HOUR);
  });

  test("does not count the years between 1970 and now when a battery was empty", () => {
    expect(see(START, 5_000, 65_000, START + HOUR)).toBe(START + HOUR + 60_000);
  });
});
