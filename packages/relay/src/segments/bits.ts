/** @returns an unsigned number of `width` bits, 32 at most, that begins at bit `at`. */
export function readBits(words: Uint32Array, at: number, width: number): number {
  if (width === 0) return 0;
  const word = at >>> 5;
  const shift = at & 31;
  let value = (words[word] ?? 0) >>> shift;
  if (shift + width > 32) value |= (words[word + 1] ?? 0) << (32 - shift);
  return width === 32 ? value >>> 0 : value & ((1 << width) - 1);
}

/** Puts a number of `width` bits, 32 at most, at bit `at`, and leaves all other bits as they are. */
export function writeBits(words: Uint32Array, at: number, width: number, value: number): void {
  if (width === 0) return;
  const word = at >>> 5;
  const shift = at & 31;
  const mask = width === 32 ? -1 : (1 << width) - 1;
  words[word] = ((words[word] ?? 0) & ~(mask << shift)) | (value << shift);
  if (shift + width <= 32) return;
  const rest = 32 - shift;
  words[word + 1] = ((words[word + 1] ?? 0) & ~(mask >>> rest)) | (value >>> rest);
}

/** How many bits a number below 2^42 takes; none for 0. */
export function bitsOf(value: number): number {
  return value < 2 ** 32 ? 32 - Math.clz32(value) : 64 - Math.clz32(value / 2 ** 32);
}

/** Writes numbers one behind the other, beginning with a whole word. */
export class BitSink {
  readonly #words: Uint32Array;
  #at: number;
  /** What is not a whole word yet. */
  #rest = 0;
  #filled = 0;

  constructor(words: Uint32Array, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** `value` must be below 2^`width`, and `width` 1 to 32. */
  put(width: number, value: number): void {
    this.#rest |= value << this.#filled;
    const filled = this.#filled + width;
    if (filled < 32) {
      this.#filled = filled;
      return;
    }
    this.#words[this.#at] = this.#rest;
    this.#at += 1;
    const written = 32 - this.#filled;
    this.#rest = written === 32 ? 0 : value >>> written;
    this.#filled = filled - 32;
  }

  /** Writes the last word. @returns where the next one would stand. */
  end(): number {
    if (this.#filled === 0) return this.#at;
    this.#words[this.#at] = this.#rest;
    return this.#at + 1;
  }
}
