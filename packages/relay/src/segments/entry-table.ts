import { FingerprintSearch } from "./fingerprint-search.ts";

/** Where an entry's record is, and what must be known of it without reading it. */
export interface EntryPlace {
  readonly seq: number;
  readonly segment: number;
  /** Of its record, in bytes from the beginning of the segment. */
  readonly at: number;
  /** Of its body, in bytes. */
  readonly length: number;
  readonly commit: boolean;
  /** In milliseconds since 1970, {@link MAX_EXPIRY} at most. */
  readonly expiresAt: number;
  readonly fingerprint: number;
}

/** Later times (the year 2109) are kept as this one in memory; what is read back comes from the disk. */
export const MAX_EXPIRY = 2 ** 42 - 1;

/** Words of an entry: seq (above the base), segment (0: a hole), offset, length and kind and time above 2^32, time below. */
const WORDS = 5;
const [SEQ, SEGMENT, AT, LENGTH, EXPIRY] = [0, 1, 2, 3, 4] as const;
const COMMIT_BIT = 1 << 21;
const LENGTH_MASK = COMMIT_BIT - 1;
const FIRST_CAPACITY = 4;
const NOTHING = new Uint32Array(0);
/** Above so many entries a hash table is quicker than looking at all of them. */
const SEARCHED_FROM = 256;
const DOUBLE_BELOW = 64;
const MIN_HOLES = 16;
const MAX_BASE_DISTANCE = 2 ** 32;

/** Packs length, kind and the high bits of the time into a word. */
export function packLength(length: number, commit: boolean, expiresAt: number): number {
  return (length | (commit ? COMMIT_BIT : 0) | (Math.floor(expiresAt / 2 ** 32) << 22)) >>> 0;
}

export function unpackLength(word: number): number {
  return word & LENGTH_MASK;
}
export function unpackCommit(word: number): boolean {
  return (word & COMMIT_BIT) !== 0;
}
export function unpackExpiry(word: number, low: number): number {
  return (word >>> 22) * 2 ** 32 + low;
}

/**
 * The entries of one log in order of their positions, 24 bytes each; fingerprints lie apart, because every append looks
 * through them. An entry's index is good until the next change.
 * Made for many millions of entries: the readable twin, with which a test compares it, is a sorted array of objects.
 */
export class EntryTable {
  /** {@link #capacity} fingerprints, and then as many entries' words: most logs are small, and an array costs as much as some entries. */
  #table = NOTHING;
  #capacity = 0;
  #search: FingerprintSearch | undefined;
  #base = 0;
  #count = 0;
  #holes = 0;

  /** Entries that are there. */
  get size(): number {
    return this.#count - this.#holes;
  }

  /** One past the last index. Some indexes are holes: see {@link isHole}. */
  get end(): number {
    return this.#count;
  }

  /** Adds an entry. Nearly always behind all others; elsewhere it costs a move of those behind it. */
  add(place: EntryPlace): void {
    if (this.#count === 0) this.#base = place.seq;
    if (place.seq < this.#base || place.seq - this.#base >= MAX_BASE_DISTANCE) this.#rebase(place.seq);
    this.#reserve();
    let index = this.#count;
    if (index > 0 && this.seqAt(index - 1) >= place.seq) {
      index = this.#lowerBound(place.seq);
      this.#table.copyWithin(this.#at(index + 1), this.#at(index), this.#at(this.#count));
      this.#table.copyWithin(index + 1, index, this.#count);
      this.#search = undefined;
    }
    this.#count += 1;
    this.#write(index, place);
    this.#search?.add(index, this.#table);
  }

  /** Takes back the newest entry if it has this position. */
  removeLast(seq: number): void {
    if (this.#count > 0 && this.seqAt(this.#count - 1) === seq && !this.isHole(this.#count - 1)) this.#count -= 1;
  }

  /** The index of this entry, or -1. */
  find(seq: number): number {
    const index = this.#lowerBound(seq);
    return index < this.#count && this.seqAt(index) === seq && !this.isHole(index) ? index : -1;
  }

  /** The first index whose position is `seq` or higher; it may be a hole, or {@link end}. */
  from(seq: number): number {
    return this.#lowerBound(seq);
  }

  /** The index of the newest entry before `before` with this fingerprint, or -1. */
  findFingerprint(fingerprint: number, before = this.#count): number {
    if (this.#count >= SEARCHED_FROM) {
      this.#search ??= new FingerprintSearch(this.#table, this.#count);
      return this.#search.find(fingerprint, this.#table, (index) => index < before && !this.isHole(index));
    }
    let index = before;
    while (index > 0) {
      index = this.#table.lastIndexOf(fingerprint, index - 1);
      if (index < 0 || !this.isHole(index)) return index;
    }
    return -1;
  }

  isHole(index: number): boolean {
    return this.#table[this.#at(index) + SEGMENT] === 0;
  }
  seqAt(index: number): number {
    return this.#base + this.#word(index, SEQ);
  }
  segmentAt(index: number): number {
    return this.#word(index, SEGMENT);
  }
  offsetAt(index: number): number {
    return this.#word(index, AT);
  }
  lengthAt(index: number): number {
    return unpackLength(this.#word(index, LENGTH));
  }
  commitAt(index: number): boolean {
    return unpackCommit(this.#word(index, LENGTH));
  }
  expiresAt(index: number): number {
    return unpackExpiry(this.#word(index, LENGTH), this.#word(index, EXPIRY));
  }
  fingerprintAt(index: number): number {
    return this.#table[index] ?? 0;
  }

  /** The entry moved within its segment's new file. */
  move(index: number, at: number): void {
    this.#table[this.#at(index) + AT] = at;
  }

  /** Makes a hole. Indexes stay until {@link tidy}. */
  remove(index: number): void {
    this.#table[this.#at(index) + SEGMENT] = 0;
    this.#holes += 1;
  }

  /** Closes holes when there are many. Indexes change. */
  tidy(): void {
    if (this.#holes < this.#count && (this.#holes < MIN_HOLES || this.#holes * 2 < this.#count)) return;
    const capacity = this.size === 0 ? 0 : Math.max(this.size, FIRST_CAPACITY);
    const kept = roomFor(capacity);
    let to = 0;
    for (let index = 0; index < this.#count; index += 1) {
      if (this.isHole(index)) continue;
      kept.set(this.#table.subarray(this.#at(index), this.#at(index + 1)), capacity + to * WORDS);
      kept[to] = this.fingerprintAt(index);
      to += 1;
    }
    this.#table = kept;
    this.#capacity = capacity;
    this.#search = undefined;
    this.#count = to;
    this.#holes = 0;
  }

  /** Where the entry's words begin. */
  #at(index: number): number {
    return this.#capacity + index * WORDS;
  }

  #word(index: number, which: number): number {
    return this.#table[this.#at(index) + which] ?? 0;
  }

  #write(index: number, { seq, segment, at, length, commit, expiresAt, fingerprint }: EntryPlace): void {
    const words = this.#table;
    const expiry = Math.min(expiresAt, MAX_EXPIRY);
    const from = this.#at(index);
    words[from + SEQ] = seq - this.#base;
    words[from + SEGMENT] = segment;
    words[from + AT] = at;
    words[from + LENGTH] = packLength(length, commit, expiry);
    words[from + EXPIRY] = expiry;
    words[index] = fingerprint;
  }

  #lowerBound(seq: number): number {
    const wanted = seq - this.#base;
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#word(middle, SEQ) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reserve(): void {
    if (this.#count < this.#capacity) return;
    const capacity =
      this.#count < FIRST_CAPACITY ? FIRST_CAPACITY : Math.ceil(this.#count * (this.#count < DOUBLE_BELOW ? 2 : 1.5));
    const grown = roomFor(capacity);
    grown.set(this.#table.subarray(0, this.#count));
    grown.set(this.#table.subarray(this.#at(0), this.#at(this.#count)), capacity);
    this.#table = grown;
    this.#capacity = capacity;
  }

  /** Makes `seq` fit: the base moves to the lowest of all positions. */
  #rebase(seq: number): void {
    const lowest = Math.min(seq, this.seqAt(0));
    if (Math.max(seq, this.seqAt(this.#count - 1)) - lowest >= MAX_BASE_DISTANCE)
      throw new RangeError("a log spans too many positions");
    const shift = this.#base - lowest;
    for (let index = 0; index < this.#count; index += 1)
      this.#table[this.#at(index) + SEQ] = this.#word(index, SEQ) + shift;
    this.#base = lowest;
  }
}

function roomFor(capacity: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(capacity * (WORDS + 1));
}
