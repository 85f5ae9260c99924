import type { CounterName } from "../../service/counters.ts";

/** Counters whose growth is told as so many a second. */
const RATED = ["appended", "appendedBytes", "pushed", "requests"] as const satisfies readonly CounterName[];
export type RatedName = (typeof RATED)[number];
/** So many a second, over the last minute. */
export type PerSecond = Readonly<Record<RatedName, number>>;

/** How often {@link Rates.sample} should be called. */
export const SAMPLE_MS = 5000;
const WINDOW_SAMPLES = 12;

interface Sample {
  readonly at: number;
  readonly values: PerSecond;
}

/** How fast counters grow, from samples of the last minute. */
export class Rates {
  readonly #counters: { get(name: CounterName): number };
  readonly #samples: Sample[] = [];

  /** @param now - Milliseconds by a clock that does not go back, here and below. */
  constructor(counters: { get(name: CounterName): number }, now: number) {
    this.#counters = counters;
    this.sample(now);
  }

  /** Remembers where the counters stand. */
  sample(now: number): void {
    this.#samples.push(this.#look(now));
    if (this.#samples.length > WINDOW_SAMPLES) this.#samples.shift();
  }

  perSecond(now: number): PerSecond {
    const then = this.#samples[0] ?? this.#look(now);
    const current = this.#look(now);
    const seconds = (now - then.at) / 1000;
    const rate = (name: RatedName): number =>
      seconds <= 0 ? 0 : Math.max(0, current.values[name] - then.values[name]) / seconds;
    return record(rate);
  }

  #look(at: number): Sample {
    return { at, values: record((name) => this.#counters.get(name)) };
  }
}

function record(valueOf: (name: RatedName) => number): PerSecond {
  return Object.fromEntries(RATED.map((name) => [name, valueOf(name)])) as PerSecond; // every name of the list
}
