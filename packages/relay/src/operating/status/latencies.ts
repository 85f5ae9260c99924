/** How long something took, over the last minutes. Milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  /** 99 of 100 took no longer; exact to a sixth. */
  readonly p99Ms: number;
  readonly maxMs: number;
}

export const NO_LATENCIES: LatencySummary = { count: 0, meanMs: 0, p99Ms: 0, maxMs: 0 };

const SLOT_MS = 10_000;
const SLOTS = 30;
/** What the summary looks back on: five minutes. */
export const LATENCY_WINDOW_MS = SLOT_MS * SLOTS;

const SHORTEST_MS = 0.005;
const GROWTH = 1.15;
/** The last bucket ends at about two minutes; what is longer is in it, and in the maximum. */
const BUCKETS = 122;

/** What happened in ten seconds. */
interface Slot {
  readonly number: number;
  readonly buckets: Uint32Array;
  count: number;
  sumMs: number;
  maxMs: number;
}

/** Durations of the last five minutes in a fixed amount of memory. */
export class Latencies {
  readonly #slots: Slot[] = [];

  /** @param now - Milliseconds by a clock that does not go back. */
  record(durationMs: number, now: number): void {
    const slot = this.#slotOf(Math.floor(now / SLOT_MS));
    const bucket = bucketOf(durationMs);
    slot.buckets[bucket] = (slot.buckets[bucket] ?? 0) + 1;
    slot.count += 1;
    slot.sumMs += durationMs;
    slot.maxMs = Math.max(slot.maxMs, durationMs);
  }

  summary(now: number): LatencySummary {
    const oldest = Math.floor(now / SLOT_MS) - SLOTS + 1;
    const slots = this.#slots.filter(({ number }) => number >= oldest);
    const count = slots.reduce((sum, slot) => sum + slot.count, 0);
    if (count === 0) return NO_LATENCIES;
    const sumMs = slots.reduce((sum, slot) => sum + slot.sumMs, 0);
    const maxMs = slots.reduce((most, slot) => Math.max(most, slot.maxMs), 0);
    return { count, meanMs: sumMs / count, p99Ms: Math.min(maxMs, percentile(slots, count * 0.99)), maxMs };
  }

  #slotOf(number: number): Slot {
    const newest = this.#slots.at(-1);
    if (newest?.number === number) return newest;
    const slot = { number, buckets: new Uint32Array(BUCKETS), count: 0, sumMs: 0, maxMs: 0 };
    this.#slots.push(slot);
    if (this.#slots.length > SLOTS) this.#slots.shift();
    return slot;
  }
}

function bucketOf(durationMs: number): number {
  const bucket = Math.ceil(Math.log(durationMs / SHORTEST_MS) / Math.log(GROWTH));
  return Math.min(BUCKETS - 1, Math.max(0, bucket));
}

/** The end of the bucket in which the `rank`-th shortest lies. */
function percentile(slots: readonly Slot[], rank: number): number {
  let seen = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    seen += slots.reduce((sum, { buckets }) => sum + (buckets[bucket] ?? 0), 0);
    if (seen >= rank) return bucket === BUCKETS - 1 ? Infinity : SHORTEST_MS * GROWTH ** bucket;
  }
  return Infinity;
}
