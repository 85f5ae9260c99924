/** Buffers that are used again: those of batches are large, and making them anew keeps the collector busy. */
export class Buffers {
  readonly #free: Uint8Array[] = [];

  /** A buffer of at least so many bytes, with anything in it. */
  take(bytes: number): Uint8Array {
    const at = this.#free.findIndex(({ length }) => length >= bytes);
    if (at >= 0) return this.#free.splice(at, 1)[0] ?? new Uint8Array(bytes);
    return new Uint8Array(Buffer.allocUnsafeSlow(roundUp(bytes)).buffer);
  }

  /** Nobody uses it any more. */
  give(buffer: Uint8Array): void {
    if (buffer.length < FIRST_BYTES || this.#free.length >= MAX_FREE) return;
    this.#free.push(buffer);
    // The smallest that will do comes first.
    this.#free.sort((a, b) => a.length - b.length);
  }
}

const FIRST_BYTES = 64 * 1024;
const MAX_FREE = 16;

function roundUp(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(FIRST_BYTES, bytes)));
}
