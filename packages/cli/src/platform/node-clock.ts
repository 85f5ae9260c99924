import { parseInstant, type Clock } from "@stonechat/core";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock and timers. */
export const nodeClock: Clock = {
  now: () => parseInstant(Math.max(0, Date.now())),
  setTimer(delayMs, run) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      // A longer delay than Node's timers hold is waited for in pieces.
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
