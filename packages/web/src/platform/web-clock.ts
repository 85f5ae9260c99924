import { parseInstant, type Clock, type Timer } from "@stonechat/core";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The browser's clock and timers. */
export const webClock: Clock = {
  now: () => parseInstant(Math.max(0, Date.now())),
  setTimer(delayMs, run): Timer {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (left: number): void => {
      // A longer delay than timers hold is waited for in pieces.
      timer = setTimeout(
        () => {
          if (left > MAX_TIMER_MS) wait(left - MAX_TIMER_MS);
          else run();
        },
        Math.min(left, MAX_TIMER_MS),
      );
    };
    wait(Math.max(0, delayMs));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  },
};
