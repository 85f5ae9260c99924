const BITS_EACH = 8;
const PROBES = 4;
const MIN_CAPACITY = 1024;

/**
 * Knows of a fingerprint that was never added that it was not, but for one in forty at worst. A Bloom filter (Bloom, 1970):
 * one byte for each fingerprint that it has room for.
 */
export class FingerprintFilter {
  readonly #words: Uint32Array;
  readonly #mask: number;
  readonly #capacity: number;
  #added = 0;

  /** @param count - How many are to be added at once; there is room for a quarter more, and mostly for far more. */
  constructor(count: number) {
    this.#capacity = 2 ** Math.ceil(Math.log2(Math.max(MIN_CAPACITY, count * 1.25)));
    this.#words = new Uint32Array((this.#capacity * BITS_EACH) / 32);
    this.#mask = this.#capacity * BITS_EACH - 1;
  }

  /** So many were added that the answers get worse. */
  get full(): boolean {
    return this.#added >= this.#capacity;
  }

  add(fingerprint: number): void {
    this.#added += 1;
    let bit = mixed(fingerprint);
    const step = stepOf(bit);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = bit & this.#mask;
      this.#words[at >>> 5] = (this.#words[at >>> 5] ?? 0) | (1 << (at & 31));
      bit = (bit + step) | 0;
    }
  }

  /** @returns false only if it was never added. */
  mayHold(fingerprint: number): boolean {
    let bit = mixed(fingerprint);
    const step = stepOf(bit);
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = bit & this.#mask;
      if (((this.#words[at >>> 5] ?? 0) & (1 << (at & 31))) === 0) return false;
      bit = (bit + step) | 0;
    }
    return true;
  }
}

/** Lets every bit count for the lowest. Source: the last steps of MurmurHash3 (Appleby). */
function mixed(fingerprint: number): number {
  let bits = Math.imul(fingerprint ^ (fingerprint >>> 16), 0x85eb_ca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2_ae35);
  return bits ^ (bits >>> 16);
}

/** Odd, and of other bits than those that a probe begins with. */
function stepOf(bits: number): number {
  return (bits >>> 15) | (bits << 17) | 1;
}
