import { beforeEach, describe, expect, test } from "vitest";
import { Watch } from "./watch.ts";

const SETTINGS = { softAfterMs: 60_000, hardAfterMs: 600_000, hiddenAfterMs: 120_000 };
let now: number;
const clocks = { steady: () => now, wall: () => now };

beforeEach(() => {
  now = 5_000;
});

describe("a watch over an open app", () => {
  test("locks a page that stayed hidden, although it was covered meanwhile", () => {
    const watch = new Watch(clocks, false);
    watch.noteVisibility(true);
    now += 60_000;
    expect(watch.judge(SETTINGS, false)).toEqual({ verdict: "cover", wait: 60_000 });
    now += 60_000;
    expect(watch.judge(SETTINGS, false).verdict).toBe("lock");
  });

  test("locks a page that was unlocked while hidden", () => {
    const watch = new Watch(clocks, true);
    now += 120_000;
    expect(watch.judge({ ...SETTINGS, softAfterMs: undefined }, false).verdict).toBe("lock");
  });

  test("counts from when the page was hidden first, not from the last time it said so", () => {
    const watch = new Watch(clocks, false);
    watch.noteVisibility(true);
    now += 100_000;
    watch.noteVisibility(true);
    now += 20_000;
    expect(watch.judge(SETTINGS, false).verdict).toBe("lock");
  });

  test("forgets that the page was hidden when it is shown again", () => {
    const watch = new Watch(clocks, true);
    now += 50_000;
    watch.noteVisibility(false);
    watch.noteActivity();
    now += 59_999;
    expect(watch.judge(SETTINGS, false)).toEqual({ verdict: "open", wait: 1 });
  });

  test("begins anew with each press, and with the secret that was given", () => {
    const watch = new Watch(clocks, false);
    now += 60_000;
    expect(watch.judge(SETTINGS, false).verdict).toBe("cover");
    watch.noteActivity();
    expect(watch.judge(SETTINGS, false)).toEqual({ verdict: "open", wait: 60_000 });
  });

  test("locks in the end what is covered and left alone", () => {
    const watch = new Watch(clocks, false);
    now += 60_000;
    watch.judge(SETTINGS, false);
    now += 540_000;
    expect(watch.judge(SETTINGS, false).verdict).toBe("lock");
  });

  test("waits while something holds the app awake, unless the page is hidden", () => {
    const watch = new Watch(clocks, false);
    now += 600_000;
    expect(watch.judge(SETTINGS, true).verdict).toBe("open");
    watch.noteVisibility(true);
    now += 120_000;
    expect(watch.judge(SETTINGS, true).verdict).toBe("lock");
  });
});
