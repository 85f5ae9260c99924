import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { fromChoice, LOCK_TIMES, offeredTimes, toChoice } from "./lock-times.ts";

const delays = fc.option(fc.nat(100_000_000), { nil: undefined });

describe("delays of locking", () => {
  test.prop([delays])("come back from their choice in a list", (delay) => {
    expect(fromChoice(toChoice(delay))).toBe(delay);
  });

  test.prop([delays])("one that is not offered is in the list all the same, in its place", (delay) => {
    const offered = offeredTimes("hiddenAfterMs", delay);
    expect(offered).toContain(delay);
    const numbers = offered.map((one) => one ?? Infinity);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("every one can be never, and leaving the page can lock at once", () => {
    for (const times of Object.values(LOCK_TIMES)) expect(times).toContain(undefined);
    expect(LOCK_TIMES.hiddenAfterMs).toContain(0);
  });
});
