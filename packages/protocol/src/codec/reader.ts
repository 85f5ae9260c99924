import { WireError, type WireErrorCode } from "./wire-error.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads the presentation language of RFC 9420 §2.1 from one byte string, strictly: whatever {@link Writer} would not
 * write is refused with a {@link WireError}. Slices are copies, so a decoded value never keeps the network buffer alive.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #structure: string;
  #offset = 0;

  constructor(bytes: Uint8Array, structure: string) {
    // A Buffer's `slice` would be a view of the network buffer; this view's `slice` is a copy.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#structure = structure;
  }

  error(code: WireErrorCode): WireError {
    return new WireError(code, this.#structure, this.#offset);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  uint8(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw this.error("truncated");
    this.#offset += 1;
    return value;
  }

  uint16(): number {
    return this.uint8() * 0x100 + this.uint8();
  }

  uint32(): number {
    return this.uint16() * 0x1_0000 + this.uint16();
  }

  /** A `uint64` that JavaScript can hold exactly. @throws WireError `bad-value` above 2^53 - 1. */
  uint53(): number {
    const value = this.uint32() * 0x1_0000_0000 + this.uint32();
    if (!Number.isSafeInteger(value)) throw this.error("bad-value");
    return value;
  }

  uint64(): bigint {
    return (BigInt(this.uint32()) << 32n) | BigInt(this.uint32());
  }

  /** `opaque name[length]`: a copy. */
  opaque(length: number): Uint8Array {
    if (this.remaining < length) throw this.error("truncated");
    const value = this.#bytes.slice(this.#offset, this.#offset + length);
    this.#offset += length;
    return value;
  }

  /** The length of a `<V>` vector, which must use its shortest form (RFC 9420 §2.1.2) and be at most `maxLength`. */
  vectorLength(maxLength: number): number {
    const first = this.uint8();
    const width = 1 << (first >> 6);
    if (width > 4) throw this.error("bad-value");
    let length = first & 0x3f;
    for (let i = 1; i < width; i += 1) length = length * 0x100 + this.uint8();
    if (width > 1 && length < (width === 2 ? 1 << 6 : 1 << 14)) throw this.error("non-minimal-length");
    if (length > maxLength) throw this.error("too-long");
    if (length > this.remaining) throw this.error("truncated");
    return length;
  }

  /** `opaque name<V>` of at most `maxLength` bytes: a copy. */
  vector(maxLength: number): Uint8Array {
    return this.opaque(this.vectorLength(maxLength));
  }

  /** UTF-8 text in a `<V>` vector of at most `maxLength` bytes. @throws WireError `bad-text` on ill-formed UTF-8 or NUL. */
  text(maxLength: number): string {
    const bytes = this.vector(maxLength);
    try {
      const text = UTF8.decode(bytes);
      if (!text.includes("\0")) return text;
    } catch {
      // Falls through: the decoder's own error would not name the structure.
    }
    throw this.error("bad-text");
  }

  /** Runs `read` until exactly `length` more bytes are consumed. */
  within<T>(length: number, read: () => T): T[] {
    const end = this.#offset + length;
    const items: T[] = [];
    while (this.#offset < end) items.push(read());
    if (this.#offset !== end) throw this.error("bad-value");
    return items;
  }

  /** Everything that is left: a copy. */
  rest(): Uint8Array {
    return this.opaque(this.remaining);
  }

  /** @throws WireError `trailing-bytes` unless everything was read. */
  end(): void {
    if (this.remaining > 0) throw this.error("trailing-bytes");
  }
}
