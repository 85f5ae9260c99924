import { crc32 } from "node:zlib";
import { MAX_EXPIRY, packLength, unpackCommit, unpackExpiry, unpackLength } from "./entry-rows.ts";
import type { EntryPlace } from "./entry-table.ts";
import { recordBytes, SEGMENT_HEADER_BYTES, type SegmentSalt } from "./segment-format.ts";

/**
 * What stands in an index: the entries of one segment in the order of their records, so that a start need not read the
 * segment. It is made from the segment, and made again whenever it is missing, damaged or another file's.
 *
 * ```text
 * struct {
 *   uint32 magic = "SIX1";
 *   uint32 segment, mark, seed;   // of the segment
 *   uint32 end;                   // of its records, in bytes
 *   uint32 count;
 *   IndexEntry entries[count];    // six words each
 *   uint32 crc;                   // of all before it
 * } Index;
 *
 * struct {
 *   uint32 log;                   // 0: no entry, `seq` more bytes lie between
 *   uint32 seq;
 *   uint32 gap_and_flags;         // bytes since the record before(16), erased(1), unused(1), seq above 2^32(14)
 *   uint32 length_and_more;       // as in entry-rows.ts
 *   uint32 expires_at;
 *   uint32 fingerprint;
 * } IndexEntry;
 * ```
 */
const MAGIC = 0x3158_4953;
const HEADER_WORDS = 6;
const INDEX_WORDS = 6;
const MAX_GAP = 0xffff;
const ERASED_BIT = 1 << 16;
const FIRST_CAPACITY = 64;

/** The entries of one segment, 24 bytes each, in the order of their records. */
export class SegmentIndex {
  #words: Uint32Array;
  #count: number;
  #end: number;

  /** Empty, or what {@link decodeIndex} read. */
  constructor(
    words: Uint32Array = new Uint32Array(FIRST_CAPACITY * INDEX_WORDS),
    count = 0,
    end = SEGMENT_HEADER_BYTES,
  ) {
    this.#words = words;
    this.#count = count;
    this.#end = end;
  }

  /** Items: entries, and a few that only say how much lies between. */
  get count(): number {
    return this.#count;
  }
  /** The items' words. A view: more may follow. */
  get words(): Uint32Array {
    return this.#words.subarray(0, this.#count * INDEX_WORDS);
  }

  /** Adds an entry, which must lie behind all others. */
  add({ seq, at, length, commit, expiresAt, fingerprint }: EntryPlace, log: number, erased: boolean): void {
    let gap = at - this.#end;
    if (gap > MAX_GAP) {
      this.#push(0, gap, 0, 0, 0, 0);
      gap = 0;
    }
    const flags = gap + (erased ? ERASED_BIT : 0) + Math.floor(seq / 2 ** 32) * 2 ** 18;
    const expiry = Math.min(expiresAt, MAX_EXPIRY);
    this.#push(log, seq, flags, packLength(length, commit, expiry), expiry, fingerprint);
    this.#end = at + recordBytes(length, commit);
  }

  /** The next item and where its record begins, from where the last call for the item before it ended. */
  itemAt(item: number, end: number): IndexItem {
    const words = this.#words;
    const from = item * INDEX_WORDS;
    const log = words[from] ?? 0;
    const low = words[from + 1] ?? 0;
    if (log === 0) return { ...NO_ITEM, end: end + low };
    const flags = words[from + 2] ?? 0;
    const packed = words[from + 3] ?? 0;
    const at = end + (flags & MAX_GAP);
    const length = unpackLength(packed);
    const commit = unpackCommit(packed);
    return {
      log,
      seq: (flags >>> 18) * 2 ** 32 + low,
      at,
      length,
      commit,
      expiresAt: unpackExpiry(packed, words[from + 4] ?? 0),
      fingerprint: words[from + 5] ?? 0,
      erased: (flags & ERASED_BIT) !== 0,
      end: at + recordBytes(length, commit),
    };
  }

  /** Notes that the entries whose records begin there are erased. */
  markErased(offsets: ReadonlySet<number>): void {
    let end = SEGMENT_HEADER_BYTES;
    for (let i = 0; i < this.#count; i += 1) {
      const item = this.itemAt(i, end);
      ({ end } = item);
      const flags = i * INDEX_WORDS + 2;
      if (item.log !== 0 && offsets.has(item.at)) this.#words[flags] = (this.#words[flags] ?? 0) | ERASED_BIT;
    }
  }

  #push(...words: readonly [number, number, number, number, number, number]): void {
    const from = this.#count * INDEX_WORDS;
    if (from === this.#words.length) {
      const grown = new Uint32Array(this.#words.length * 2);
      grown.set(this.#words);
      this.#words = grown;
    }
    this.#words.set(words, from);
    this.#count += 1;
  }
}

/** What an item of an index says. `log` 0: it is no entry. `end` is where its record ends. */
export interface IndexItem extends Omit<EntryPlace, "segment"> {
  readonly log: number;
  readonly erased: boolean;
  readonly end: number;
}
const NO_ITEM = { log: 0, seq: 0, at: 0, length: 0, commit: false, expiresAt: 0, fingerprint: 0, erased: true };

/** Which file an index belongs to: `end` is where the segment's records end. */
export interface IndexedSegment {
  readonly number: number;
  readonly salt: SegmentSalt;
  readonly end: number;
}

/** How long an index of so many items is, in bytes. */
export function indexBytes(count: number): number {
  return (HEADER_WORDS + count * INDEX_WORDS + 1) * 4;
}

/** About how many entries an index of so many bytes lists. */
export function indexedEntries(bytes: number): number {
  return Math.max(0, Math.floor((bytes - indexBytes(0)) / (INDEX_WORDS * 4)));
}

export function encodeIndex({ number, salt, end }: IndexedSegment, index: SegmentIndex): Uint8Array {
  const words = new Uint32Array(indexBytes(index.count) / 4);
  words.set([MAGIC, number, salt.mark, salt.seed, end, index.count]);
  words.set(index.words, HEADER_WORDS);
  const bytes = new Uint8Array(words.buffer);
  words[words.length - 1] = crc32(bytes.subarray(0, bytes.length - 4));
  return bytes;
}

/** @param bytes - Of a buffer of its own. @returns undefined unless this is the whole index of that file. */
export function decodeIndex({ number, salt, end }: IndexedSegment, bytes: Uint8Array): SegmentIndex | undefined {
  if (bytes.byteOffset !== 0 || bytes.length % 4 !== 0 || bytes.length < (HEADER_WORDS + 1) * 4) return undefined;
  const words = new Uint32Array(bytes.buffer, 0, bytes.length / 4);
  const count = words[5] ?? 0;
  const right =
    words[0] === MAGIC &&
    words[1] === number &&
    words[2] === salt.mark &&
    words[3] === salt.seed &&
    words[4] === end &&
    words.length === HEADER_WORDS + count * INDEX_WORDS + 1 &&
    words.at(-1) === crc32(bytes.subarray(0, bytes.length - 4));
  return right ? new SegmentIndex(words.slice(HEADER_WORDS, -1), count) : undefined;
}
