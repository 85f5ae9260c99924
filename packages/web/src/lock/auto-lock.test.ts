import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { judgeAttention, nextJudgement } from "./auto-lock.ts";
import { Elapsed } from "./elapsed.ts";

const SETTINGS = { softAfterMs: 60_000, hardAfterMs: 600_000, hiddenAfterMs: 120_000 };
const shown = (activeAt: number): Parameters<typeof judgeAttention>[0] => ({ activeAt, hiddenAt: undefined });

describe("an open app", () => {
  test("is covered when nothing was pressed for the first time, and locked after the second", () => {
    expect(judgeAttention(shown(0), SETTINGS, 59_999)).toBe("open");
    expect(judgeAttention(shown(0), SETTINGS, 60_000)).toBe("cover");
    expect(judgeAttention(shown(0), SETTINGS, 600_000)).toBe("lock");
  });

  test("is locked when it was hidden for long enough, however lately something was pressed", () => {
    const hidden = { activeAt: 1_000, hiddenAt: 1_000 };
    expect(judgeAttention(hidden, { ...SETTINGS, softAfterMs: undefined }, 120_999)).toBe("open");
    expect(judgeAttention(hidden, SETTINGS, 121_000)).toBe("lock");
  });

  test("is locked at once when hidden, if so chosen", () => {
    expect(judgeAttention({ activeAt: 5, hiddenAt: 5 }, { ...SETTINGS, hiddenAfterMs: 0 }, 5)).toBe("lock");
    expect(judgeAttention(shown(5), { ...SETTINGS, hiddenAfterMs: 0 }, 5)).toBe("open");
  });

  test("is locked after the device slept for as long as it may be hidden", () => {
    expect(judgeAttention(shown(0), { ...SETTINGS, hardAfterMs: undefined }, 10, 120_000)).toBe("lock");
    expect(judgeAttention(shown(0), SETTINGS, 10, 119_999)).toBe("open");
  });

  test("never locks by itself if so chosen", () => {
    const never = { softAfterMs: undefined, hardAfterMs: undefined, hiddenAfterMs: undefined };
    expect(judgeAttention({ activeAt: 0, hiddenAt: 0 }, never, 1e12, 1e12)).toBe("open");
    expect(nextJudgement({ activeAt: 0, hiddenAt: 0 }, never, 0)).toBeUndefined();
  });

  const delay = fc.option(fc.nat(1_000), { nil: undefined });
  property.prop([delay, delay, delay, fc.option(fc.nat(1_000), { nil: undefined }), fc.nat(3_000)])(
    "is judged again no later than something is due",
    (softAfterMs, hardAfterMs, hiddenAfterMs, hiddenAt, now) => {
      const settings = { softAfterMs, hardAfterMs, hiddenAfterMs };
      const attention = { activeAt: 0, hiddenAt };
      const wait = nextJudgement(attention, settings, now);
      const before = judgeAttention(attention, settings, now);
      // Until then the verdict does not change.
      expect(judgeAttention(attention, settings, now + (wait ?? 1e9) - 1)).toBe(before);
    },
  );
});

describe("time that has passed", () => {
  test("goes on when the wall clock is set back, and while the device sleeps", () => {
    const clocks = { steady: 1_000, wall: 50_000 };
    const elapsed = new Elapsed({ steady: () => clocks.steady, wall: () => clocks.wall });
    clocks.steady += 500;
    clocks.wall -= 40_000;
    expect(elapsed.read()).toBe(500);
    expect(elapsed.slept).toBe(0);
    clocks.steady += 10;
    clocks.wall += 90_000;
    expect(elapsed.read()).toBe(90_500);
    expect(elapsed.slept).toBe(89_990);
  });
});
