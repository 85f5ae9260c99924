/** Buckets of one power of two: a value is told to within 1/64. */
const STEPS = 64;
const STEP_BITS = 6;
const MAX_EXPONENT = 32;
const MICROS_PER_MS = 1000;

/** Counts times of any length in little memory, so that millions of them cost nothing to keep. Milliseconds in and out. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS * (MAX_EXPONENT - STEP_BITS + 1));
  #size = 0;
  #maxMs = 0;

  get size(): number {
    return this.#size;
  }

  get maxMs(): number {
    return this.#maxMs;
  }

  add(ms: number): void {
    this.#size += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
    const bucket = bucketOf(Math.max(0, ms * MICROS_PER_MS));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The time that `part` of all values do not exceed; NaN if there are none. */
  at(part: number): number {
    if (this.#size === 0) return NaN;
    let left = Math.ceil(part * this.#size);
    for (const [bucket, count] of this.#counts.entries()) {
      left -= count;
      if (left <= 0) return Math.min(this.#maxMs, upperBound(bucket) / MICROS_PER_MS);
    }
    return this.#maxMs;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#size = 0;
    this.#maxMs = 0;
  }

  /** Only what is not 0, to be sent to another process and given to {@link addAll}. */
  toTimes(): Times {
    const counts = [...this.#counts.entries()].filter(([, count]) => count > 0);
    return { maxMs: this.#maxMs, counts };
  }

  addAll({ maxMs, counts }: Times): void {
    this.#maxMs = Math.max(this.#maxMs, maxMs);
    for (const [bucket, count] of counts) {
      this.#counts[bucket] = (this.#counts[bucket] ?? 0) + count;
      this.#size += count;
    }
  }
}

/** What a {@link Histogram} holds, as JSON can carry it. */
export interface Times {
  readonly maxMs: number;
  readonly counts: readonly (readonly [bucket: number, count: number])[];
}

function bucketOf(micros: number): number {
  if (micros < STEPS) return Math.floor(micros);
  const exponent = Math.min(MAX_EXPONENT - 1, Math.floor(Math.log2(micros))) - STEP_BITS + 1;
  return exponent * STEPS + Math.min(STEPS - 1, Math.floor(micros / 2 ** exponent));
}

function upperBound(bucket: number): number {
  const exponent = Math.floor(bucket / STEPS);
  return ((bucket % STEPS) + 1) * 2 ** exponent;
}
