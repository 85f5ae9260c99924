const UTF8 = new TextEncoder();
const FIRST_BYTES = 256;

/**
 * Writes the presentation language of RFC 9420 §2.1. Values out of range are our own mistakes and throw `RangeError`.
 */
export class Writer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  uint8(value: number): void {
    this.#integer(value, 0xff);
    this.#reserve(1);
    this.#view.setUint8(this.#length, value);
    this.#length += 1;
  }

  uint16(value: number): void {
    this.#integer(value, 0xffff);
    this.#reserve(2);
    this.#view.setUint16(this.#length, value);
    this.#length += 2;
  }

  uint32(value: number): void {
    this.#integer(value, 0xffff_ffff);
    this.#reserve(4);
    this.#view.setUint32(this.#length, value);
    this.#length += 4;
  }

  /** A `uint64` held in a JavaScript number: 0 to 2^53 - 1. */
  uint53(value: number): void {
    this.#integer(value, Number.MAX_SAFE_INTEGER);
    this.uint32(Math.floor(value / 0x1_0000_0000));
    this.uint32(value % 0x1_0000_0000);
  }

  uint64(value: bigint): void {
    if (value < 0n || value >= 1n << 64n) throw new RangeError("uint64 out of range");
    this.#reserve(8);
    this.#view.setBigUint64(this.#length, value);
    this.#length += 8;
  }

  /** `opaque name[length]`. */
  opaque(bytes: Uint8Array, length: number = bytes.length): void {
    if (bytes.length !== length) throw new RangeError(`expected ${String(length)} bytes`);
    this.#reserve(length);
    this.#bytes.set(bytes, this.#length);
    this.#length += length;
  }

  /** The length of a `<V>` vector in its shortest form (RFC 9420 §2.1.2). */
  vectorLength(length: number, maxLength: number): void {
    this.#integer(length, Math.min(maxLength, 0x3fff_ffff));
    if (length < 1 << 6) this.uint8(length);
    else if (length < 1 << 14) this.uint16(0x4000 + length);
    else this.uint32(0x8000_0000 + length);
  }

  /** `opaque name<V>` of at most `maxLength` bytes. */
  vector(bytes: Uint8Array, maxLength: number): void {
    this.vectorLength(bytes.length, maxLength);
    this.opaque(bytes);
  }

  /** Well-formed text without NUL as UTF-8 in a `<V>` vector. */
  text(text: string, maxLength: number): void {
    if (!text.isWellFormed() || text.includes("\0")) throw new RangeError("text is not well formed");
    this.vector(UTF8.encode(text), maxLength);
  }

  /** Copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #integer(value: number, max: number): void {
    if (!Number.isInteger(value) || value < 0 || value > max) throw new RangeError("integer out of range");
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
