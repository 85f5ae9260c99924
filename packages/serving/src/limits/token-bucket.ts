/** Allows `burst` at once and `perSecond` in the long run. Time going backwards costs nothing and gives nothing. */
export class TokenBucket {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filledAt: number;

  constructor(burst: number, perSecond: number, now: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#filledAt = now;
  }

  /** Takes one, or `amount`, if there is so much. */
  take(now: number, amount = 1): boolean {
    this.#fill(now);
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Whether there is one to take. */
  has(now: number): boolean {
    this.#fill(now);
    return this.#left >= 1;
  }

  /** Whether nothing was taken lately: then it need not be remembered. */
  full(now: number): boolean {
    this.#fill(now);
    return this.#left >= this.#burst;
  }

  #fill(now: number): void {
    const seconds = Math.max(0, now - this.#filledAt) / 1000;
    this.#filledAt = now;
    this.#left = Math.min(this.#burst, this.#left + seconds * this.#perSecond);
  }
}

/** One {@link TokenBucket} for each of many keys; those that are full again are forgotten. */
export class TokenBuckets {
  readonly #burst: number;
  readonly #perSecond: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(burst: number, perSecond: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
  }

  take(key: string, now: number): boolean {
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#burst, this.#perSecond, now);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(now);
  }

  /** Whether there is one to take. */
  has(key: string, now: number): boolean {
    return this.#buckets.get(key)?.has(now) ?? this.#burst >= 1;
  }

  /** The key turned out to stand for nothing. */
  forget(key: string): void {
    this.#buckets.delete(key);
  }

  /** Call it now and then. */
  sweep(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.full(now)) this.#buckets.delete(key);
  }
}
