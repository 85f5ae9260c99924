/** How long items took, in ticks, weighted by how many they were. */
export class Waits {
  readonly #counts: number[] = [];
  #items = 0;
  #sum = 0;

  add(ticks: number, items: number): void {
    this.#counts[ticks] = (this.#counts[ticks] ?? 0) + items;
    this.#items += items;
    this.#sum += ticks * items;
  }

  get items(): number {
    return this.#items;
  }

  /** NaN if there were none. */
  get mean(): number {
    return this.#sum / this.#items;
  }

  /** What `part` of all did not exceed; NaN if there were none. */
  at(part: number): number {
    let left = part * this.#items;
    for (let ticks = 0; ticks < this.#counts.length; ticks += 1) {
      left -= this.#counts[ticks] ?? 0;
      // Sums of parts of items are not exact.
      if (left <= 1e-6) return ticks;
    }
    return this.#items === 0 ? NaN : this.#counts.length - 1;
  }
}
