/**
 * Finds fingerprints in a long column of them: a hash table of their indexes, with linear probing. Indexes are only ever
 * added; whether one still counts is asked when it is found.
 */
export class FingerprintSearch {
  /** Index plus 1; 0 for a free place. At most half are used. */
  #places: Uint32Array;
  #used = 0;

  /** @param count - How many of the column there are. */
  constructor(column: Uint32Array, count: number) {
    this.#places = new Uint32Array(placesFor(count));
    this.#fill(column, count);
  }

  /** The newest of the column: all before it are in here. */
  add(index: number, column: Uint32Array): void {
    if ((this.#used + 1) * 2 > this.#places.length) {
      this.#places = new Uint32Array(placesFor(index + 1));
      this.#fill(column, index);
    }
    this.#put(index, column[index] ?? 0);
  }

  /** The highest index with this fingerprint for which `counts` is true, or -1. */
  find(fingerprint: number, column: Uint32Array, counts: (index: number) => boolean): number {
    const places = this.#places;
    const mask = places.length - 1;
    let found = -1;
    for (let place = fingerprint & mask; places[place] !== 0; place = (place + 1) & mask) {
      const index = (places[place] ?? 0) - 1;
      if (column[index] === fingerprint && index > found && counts(index)) found = index;
    }
    return found;
  }

  #fill(column: Uint32Array, count: number): void {
    this.#used = 0;
    for (let index = 0; index < count; index += 1) this.#put(index, column[index] ?? 0);
  }

  #put(index: number, fingerprint: number): void {
    const mask = this.#places.length - 1;
    let place = fingerprint & mask;
    while (this.#places[place] !== 0) place = (place + 1) & mask;
    this.#places[place] = index + 1;
    this.#used += 1;
  }
}

/** A power of two, with room to double. */
function placesFor(count: number): number {
  return 2 ** Math.ceil(Math.log2((count + 1) * 3));
}
