import type { Buffers } from "./buffers.ts";

/** What was written last and where: bytes from `base` on, in this segment. */
export interface WrittenBytes {
  readonly segment: number;
  readonly base: number;
  readonly bytes: Uint8Array;
}

const MAX_PIECES = 4096;

/** The newest bytes of the journal, so that followers a little behind need no disk. */
export class RecentBytes {
  readonly #maxBytes: number;
  readonly #buffers: Buffers;
  #pieces: WrittenBytes[] = [];
  /** Pieces before this one were let go. */
  #first = 0;
  #total = 0;

  /** @param buffers - Get back what is let go: views of it must not outlive the step in which they were found. */
  constructor(maxBytes: number, buffers: Buffers) {
    this.#maxBytes = maxBytes;
    this.#buffers = buffers;
  }

  /** Keeps them; they must lie behind all that was added before, and must not be written to any more. */
  add({ segment, base, bytes }: WrittenBytes): void {
    // Small batches come in large buffers.
    const small = bytes.length * 2 < bytes.buffer.byteLength;
    const kept = small ? bytes.slice() : bytes;
    if (small) this.#buffers.give(new Uint8Array(bytes.buffer));
    this.#pieces.push({ segment, base, bytes: kept });
    this.#total += kept.buffer.byteLength;
    while (this.#total > this.#maxBytes || this.#pieces.length - this.#first > MAX_PIECES) this.#letGo();
  }

  /** @returns a view of `length` bytes, or undefined when they are not all here. */
  find(segment: number, at: number, length: number): Uint8Array | undefined {
    let low = this.#first;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const piece = this.#pieces[middle];
      if (piece === undefined) return undefined;
      if (piece.segment < segment || (piece.segment === segment && piece.base <= at)) low = middle + 1;
      else high = middle;
    }
    if (low <= this.#first) return undefined;
    return viewIn(this.#pieces[low - 1], segment, at, length);
  }

  /** Forgets this segment: its bytes on the disk are about to change. */
  forget(segment: number): void {
    this.#pieces = this.#pieces.slice(this.#first).filter((piece) => piece.segment !== segment);
    this.#first = 0;
    this.#total = this.#pieces.reduce((total, { bytes }) => total + bytes.buffer.byteLength, 0);
  }

  #letGo(): void {
    const oldest = this.#pieces[this.#first];
    if (oldest === undefined) return;
    this.#total -= oldest.bytes.buffer.byteLength;
    this.#buffers.give(new Uint8Array(oldest.bytes.buffer));
    this.#first += 1;
    if (this.#first * 2 < this.#pieces.length) return;
    this.#pieces = this.#pieces.slice(this.#first);
    this.#first = 0;
  }
}

/** @returns these bytes of the segment if the piece holds all of them. */
export function viewIn(
  piece: WrittenBytes | undefined,
  segment: number,
  at: number,
  length: number,
): Uint8Array | undefined {
  if (piece?.segment !== segment || at < piece.base || at + length > piece.base + piece.bytes.length) return undefined;
  return piece.bytes.subarray(at - piece.base, at - piece.base + length);
}
