import { keyBytes, mapKey } from "../map-key.ts";

/** One epoch of a log. `closingSeq` is -1 while it is open. */
export interface SegmentEpoch {
  /** Who may read, then who may append: SHA-256 of tokens, 32 bytes each. */
  readonly hashes: Uint8Array;
  readonly firstSeq: number;
  closingSeq: number;
  closingExpiresAt: number;
}

/** Which positions an epoch has, and when what closes it expires. */
export type EpochSpan = Readonly<Omit<SegmentEpoch, "hashes">>;

/** Of an epoch: hashes, first position, closing position plus 1, when what closes it expires. Numbers are float64. */
const EPOCH_BYTES = 88;
const [FIRST_SEQ, CLOSING_SEQ, CLOSING_EXPIRES_AT] = [64, 72, 80] as const;
/** Epochs in one chunk: so many are copied when one is added. */
const CHUNK_EPOCHS = 16;

const NO_CHUNKS: string[] = [];

/**
 * The epochs of one log, the oldest first. A log has one for each commit of half a year, and there are many logs: they are
 * kept as the characters of a few strings, which take nothing besides.
 */
export class EpochList {
  #chunks = NO_CHUNKS;
  /** So many at the beginning of the first chunk are gone. */
  #dropped = 0;
  #length = 0;

  constructor(epochs: readonly SegmentEpoch[]) {
    for (const epoch of epochs) this.push(epoch);
  }

  get length(): number {
    return this.#length;
  }

  /** A copy. @throws RangeError if there is no such epoch. */
  at(index: number): SegmentEpoch {
    const bytes = this.#bytesOf(index);
    const view = new DataView(bytes.buffer);
    return {
      hashes: bytes.slice(0, FIRST_SEQ),
      firstSeq: view.getFloat64(FIRST_SEQ),
      closingSeq: view.getFloat64(CLOSING_SEQ),
      closingExpiresAt: view.getFloat64(CLOSING_EXPIRES_AT),
    };
  }

  /** Where it begins and ends: what is asked often, and makes no array. @throws RangeError if there is no such epoch. */
  spanAt(index: number): EpochSpan {
    if (index < 0 || index >= this.#length) throw new RangeError("a log without this epoch");
    const place = index + this.#dropped;
    const chunk = this.#chunks[Math.floor(place / CHUNK_EPOCHS)] ?? "";
    const from = (place % CHUNK_EPOCHS) * EPOCH_BYTES;
    return {
      firstSeq: float64In(chunk, from + FIRST_SEQ),
      closingSeq: float64In(chunk, from + CLOSING_SEQ),
      closingExpiresAt: float64In(chunk, from + CLOSING_EXPIRES_AT),
    };
  }

  /** Copies of the first `count`. */
  first(count: number): SegmentEpoch[] {
    return Array.from({ length: Math.max(0, count) }, (_, index) => this.at(index));
  }

  push({ hashes, firstSeq, closingSeq, closingExpiresAt }: SegmentEpoch): void {
    const bytes = new Uint8Array(EPOCH_BYTES);
    const view = new DataView(bytes.buffer);
    bytes.set(hashes);
    view.setFloat64(FIRST_SEQ, firstSeq);
    view.setFloat64(CLOSING_SEQ, closingSeq);
    view.setFloat64(CLOSING_EXPIRES_AT, closingExpiresAt);
    const last = this.#chunks.at(-1);
    // Most logs have one chunk: pushed to an empty array, it would get room for many.
    if (last === undefined) this.#chunks = [mapKey(bytes)];
    else if (last.length === CHUNK_EPOCHS * EPOCH_BYTES) this.#chunks.push(mapKey(bytes));
    else this.#chunks[this.#chunks.length - 1] = flat(last, mapKey(bytes));
    this.#length += 1;
  }

  /** Takes the newest away. @throws RangeError if there is none. */
  pop(): SegmentEpoch {
    const epoch = this.at(this.#length - 1);
    const last = this.#chunks.pop() ?? "";
    if (last.length > EPOCH_BYTES) this.#chunks.push(flat(last.slice(0, -EPOCH_BYTES), ""));
    this.#length -= 1;
    return epoch;
  }

  /** Forgets the oldest; at least one must stay. */
  drop(count: number): void {
    this.#length -= count;
    this.#dropped += count;
    const chunks = Math.floor(this.#dropped / CHUNK_EPOCHS);
    this.#chunks.splice(0, chunks);
    this.#dropped -= chunks * CHUNK_EPOCHS;
  }

  /** The newest below `end` whose reader (`of` 0) or appender (`of` 32) this hash is, or -1. All bytes of each are looked at. */
  find(hash: Uint8Array, of: 0 | 32, end: number): number {
    for (let index = end - 1; index >= 0; index -= 1) {
      const place = index + this.#dropped;
      const chunk = this.#chunks[Math.floor(place / CHUNK_EPOCHS)] ?? "";
      if (sameHash(chunk, (place % CHUNK_EPOCHS) * EPOCH_BYTES + of, hash)) return index;
    }
    // Absent and wrong must take as long.
    if (end <= 0) sameHash(NOBODY, of, hash);
    return -1;
  }

  #bytesOf(index: number): Uint8Array {
    if (index < 0 || index >= this.#length) throw new RangeError("a log without this epoch");
    const place = index + this.#dropped;
    const from = (place % CHUNK_EPOCHS) * EPOCH_BYTES;
    return keyBytes((this.#chunks[Math.floor(place / CHUNK_EPOCHS)] ?? "").slice(from, from + EPOCH_BYTES));
  }
}

/** Compared with when there is no hash. No SHA-256 we know of is all zero. */
const NOBODY = "\0".repeat(EPOCH_BYTES);

/** Looks at all 32 bytes whatever they are, like `equalSecrets`, but in place. */
function sameHash(chunk: string, at: number, hash: Uint8Array): boolean {
  let difference = hash.length ^ 32;
  for (let i = 0; i < 32; i += 1) difference |= chunk.charCodeAt(at + i) ^ (hash[i] ?? 0);
  return difference === 0;
}

const scratch = new DataView(new ArrayBuffer(8));

function float64In(chunk: string, at: number): number {
  for (let i = 0; i < 8; i += 1) scratch.setUint8(i, chunk.charCodeAt(at + i));
  return scratch.getFloat64(0);
}

/** One string of its own: joined and cut ones would keep those that they were made of. */
function flat(first: string, second: string): string {
  return mapKey(keyBytes(first + second));
}
