import { expect, test } from "vitest";
import { ClockGuard } from "./clock-guard.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const START = 1_800_000_000_000;

test("a clock that drifts or is corrected by seconds is trusted", () => {
  const guard = new ClockGuard(START, 0);
  for (let minute = 1; minute < 10_000; minute += 1) {
    expect(guard.look(START + minute * (MINUTE + 100), minute * MINUTE)).toBe("steady");
  }
});

test.each([2 * 365 * DAY, 60 * MINUTE, -60 * MINUTE, -2 * 365 * DAY])(
  "after a leap of %d ms nothing is erased for a day",
  (leap) => {
    const guard = new ClockGuard(START, 0);
    expect(guard.look(START + leap + 1000, 1000)).toBe("leapt");
    expect(guard.look(START + leap + DAY, DAY)).toBe("held");
    expect(guard.look(START + leap + DAY + 1000, DAY + 1000)).toBe("steady");
  },
);

test("a clock that leaps back is trusted at once", () => {
  const guard = new ClockGuard(START, 0);
  guard.look(START + DAY, 1000);
  expect(guard.look(START + 2000, 2000)).toBe("steady");
});
