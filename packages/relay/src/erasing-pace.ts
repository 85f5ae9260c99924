/** So many entries are erased at a time at first, and at least. */
const LEAST = 200;
const MOST = 20_000;
/** A slice that took less than the first may grow, one that took more than the second shrinks. */
const SHORT_MS = 4;
const LONG_MS = 12;
const LEAST_PAUSE_MS = 2;
const MOST_PAUSE_MS = 20;

/**
 * How much to erase at a time, learnt from how long it took: stores differ a hundredfold in this, and whoever appends
 * waits for one slice at most. Pauses are as long as the work was, so that erasing takes half of the time at most.
 */
export class ErasingPace {
  #entries = LEAST;
  #pauseMs = MOST_PAUSE_MS;

  /** Entries for the next slice. */
  get entries(): number {
    return this.#entries;
  }

  /** Until the next slice, in milliseconds, if there is more to erase. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** @param tookMs - How long a slice of {@link entries} took. */
  learn(tookMs: number): void {
    this.#pauseMs = Math.min(MOST_PAUSE_MS, Math.max(LEAST_PAUSE_MS, tookMs));
    if (tookMs < SHORT_MS) this.#entries = Math.min(MOST, this.#entries * 2);
    else if (tookMs > LONG_MS) this.#entries = Math.max(LEAST, Math.floor(this.#entries / 2));
  }
}
