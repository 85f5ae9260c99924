import { parseInstant, type Clock, type Timer } from "@stonechat/core";

type Instant = ReturnType<typeof parseInstant>;

/** A device's clock that people set: it goes at the pace of another, which keeps the timers. */
export class SetClock implements Clock {
  readonly #true: Clock;
  #offset = 0;

  constructor(trueTime: Clock) {
    this.#true = trueTime;
  }

  now(): Instant {
    return parseInstant(Math.max(0, this.#true.now() + this.#offset));
  }

  setTimer(delayMs: number, run: () => void): Timer {
    return this.#true.setTimer(delayMs, run);
  }

  /** Somebody sets the clock by so many milliseconds. */
  set(byMs: number): void {
    this.#offset += byMs;
  }
}
