import { prefixOf, TokenBuckets } from "@stonechat/serving";
import type { Clock } from "../clock.ts";

export interface ConnectionLimits {
  readonly total: number;
  readonly perPrefix: number;
  /** New connections from one prefix: so many at once, so many a second. */
  readonly burstPerPrefix: number;
  readonly perSecondPerPrefix: number;
}

/** Counts open connections by address prefix. In memory only: no address is written anywhere. */
export class ConnectionLimiter {
  #limits: ConnectionLimits;
  readonly #clock: Clock;
  readonly #open = new Map<string, number>();
  #arrivals: TokenBuckets;
  #total = 0;
  #sweptAt = 0;

  constructor(limits: ConnectionLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#arrivals = new TokenBuckets(limits.burstPerPrefix, limits.perSecondPerPrefix);
  }

  get total(): number {
    return this.#total;
  }

  /** What one prefix may have open. */
  get perPrefix(): number {
    return this.#limits.perPrefix;
  }

  /** From now on these hold. Connections that are there stay; who came how often lately is forgotten. */
  adjust(limits: ConnectionLimits): void {
    this.#limits = limits;
    this.#arrivals = new TokenBuckets(limits.burstPerPrefix, limits.perSecondPerPrefix);
  }

  /** @returns what to give to {@link leave} later, or undefined when there is no room. */
  enter(address: string): string | undefined {
    const prefix = prefixOf(address);
    const now = this.#clock.now();
    this.#sweep(now);
    const open = this.#open.get(prefix) ?? 0;
    if (this.#total >= this.#limits.total || open >= this.#limits.perPrefix) return undefined;
    if (!this.#arrivals.take(prefix, now)) return undefined;
    this.#open.set(prefix, open + 1);
    this.#total += 1;
    return prefix;
  }

  leave(prefix: string): void {
    const open = this.#open.get(prefix) ?? 0;
    if (open <= 1) this.#open.delete(prefix);
    else this.#open.set(prefix, open - 1);
    this.#total -= 1;
  }

  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_INTERVAL_MS) return;
    this.#sweptAt = now;
    this.#arrivals.sweep(now);
  }
}

const SWEEP_INTERVAL_MS = 60_000;
