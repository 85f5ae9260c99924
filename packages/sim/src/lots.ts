import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";

/** All choices of one run, from its seed alone. */
export class Lots {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = createSeededFractions(seed);
  }

  /** In [0, 1). */
  fraction(): number {
    return this.#next();
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1));
  }

  /** One of `items`, or undefined if there is none. */
  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#next() * items.length)];
  }

  /** One of the keys, each as likely as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const entries = Object.entries(weights) as [K, number][]; // the record's own keys
    let left = this.#next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of entries) {
      left -= weight;
      if (left < 0) return key;
    }
    throw new RangeError("no weights");
  }
}
