import { after, parseInstant, type Clock, type Timer } from "@stonechat/core";

type Instant = ReturnType<typeof parseInstant>;

/** A clock that moves only when told. */
export class ManualClock implements Clock {
  #now: Instant;
  #timers: { readonly at: number; readonly order: number; readonly run: () => void }[] = [];
  #order = 0;

  constructor(start = 1_800_000_000_000) {
    this.#now = parseInstant(start);
  }

  now(): Instant {
    return this.#now;
  }

  setTimer(delayMs: number, run: () => void): Timer {
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Moves on to the next timer and runs it. Returns false if none waits. */
  runNext(): boolean {
    const [next] = this.#timers.toSorted((a, b) => a.at - b.at || a.order - b.order);
    if (next === undefined) return false;
    this.#timers = this.#timers.filter((timer) => timer !== next);
    if (next.at > this.#now) this.#now = after(this.#now, next.at - this.#now);
    next.run();
    return true;
  }

  /** Moves on by `milliseconds`, running what falls due in its order. */
  advance(milliseconds: number): void {
    const end = this.#now + milliseconds;
    while (this.#timers.some(({ at }) => at <= end)) this.runNext();
    this.#now = parseInstant(Math.round(end));
  }

  /** Runs timers as they come until `work` is settled, letting promises run in between. */
  async runUntil<T>(work: Promise<T>): Promise<T> {
    const state = { settled: false };
    const note = (): void => {
      state.settled = true;
    };
    work.then(note, note);
    while (!state.settled) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      if (!state.settled) this.runNext();
    }
    return work;
  }
}
