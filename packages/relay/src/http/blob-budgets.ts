import { TokenBuckets } from "@stonechat/serving";
import type { Clock } from "../clock.ts";
import { WindowBudget } from "../service/window-budget.ts";

const DAY_MS = 24 * 3600 * 1000;
/** Answers `unknown` to one address prefix: so many at once, so many a second. */
const UNKNOWN_BURST = 2000;
const UNKNOWN_PER_SECOND = 10;
const SWEEP_EVERY = 1000;

export interface BlobBudgetParts {
  readonly clock: Clock;
  /** Bytes of blobs that one address prefix may announce in a day. */
  readonly bytesPerDayPerPrefix: number;
}

/** What one address prefix has left to do with blobs. In memory only. */
export class BlobBudgets {
  readonly #parts: BlobBudgetParts;
  readonly #unknowns = new TokenBuckets(UNKNOWN_BURST, UNKNOWN_PER_SECOND);
  readonly #announced = new WindowBudget(DAY_MS);
  #sinceSweep = 0;

  constructor(parts: BlobBudgetParts) {
    this.#parts = parts;
  }

  /** Whether it has not asked too often for what is not there. */
  mayAsk(prefix: string): boolean {
    return this.#unknowns.has(prefix, this.#parts.clock.now());
  }

  /** It asked for what is not there. */
  countUnknown(prefix: string): void {
    const now = this.#parts.clock.now();
    this.#sinceSweep = (this.#sinceSweep + 1) % SWEEP_EVERY;
    if (this.#sinceSweep === 0) this.#unknowns.sweep(now);
    this.#unknowns.take(prefix, now);
  }

  mayAnnounce(prefix: string, bytes: number): boolean {
    const { clock, bytesPerDayPerPrefix } = this.#parts;
    return this.#announced.spent(prefix, clock.now()) + bytes <= bytesPerDayPerPrefix;
  }

  countAnnounced(prefix: string, bytes: number): void {
    this.#announced.spend(prefix, bytes, this.#parts.clock.now());
  }
}
