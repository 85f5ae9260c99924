import {
  atIn,
  BLOCK_ENTRIES,
  expiryIn,
  isCommitIn,
  isHoleIn,
  lengthIn,
  makeHoleIn,
  MAX_BLOCK_WORDS,
  moveIn,
  packBlock,
  ROW_FINGERPRINT_BITS,
  rowFingerprintIn,
  segmentIn,
  seqIn,
  unpackBlock,
} from "./entry-block.ts";
import { FINGERPRINT, ROW_WORDS } from "./entry-rows.ts";

const PAGE_BLOCKS = 32;
/** Entries of a full page. */
export const PAGE_ENTRIES = PAGE_BLOCKS * BLOCK_ENTRIES;
const INDEX_BITS = 10;
const INDEX_MASK = 2 ** INDEX_BITS - 1;
const COLUMN_WORDS = BLOCK_ENTRIES + 1;
/** Growing by one block each time would cost more in copying than the room is worth. */
const GROWTH = 1.4;

const scratch = new Uint32Array(MAX_BLOCK_WORDS);

/**
 * Entries of one log that are not the newest, in blocks, with their fingerprints apart. While a page grows these stand in
 * the order of the entries, which is quick to search as long as there are few; a page that is closed has them sorted.
 */
export class EntryPage {
  /** Index in the table of this page's first entry. */
  start = 0;
  /** With holes. */
  count = 0;
  holes = 0;
  /**
   * {@link #capacity} words that say where each block begins, room for as many blocks' fingerprints, and the blocks. A sorted
   * fingerprint is its upper 22 bits and the index of its entry; its lower bits stand in the row.
   */
  #words = new Uint32Array(0);
  #capacity = 0;
  #blocks = 0;
  #end = 0;
  #closed = false;

  /** Adds rows behind all others: as many as a block holds, or the last of a page that is closed then. */
  add(rows: Uint32Array, from: number, count: number): void {
    const length = packBlock(rows, from, count, scratch);
    this.#reserve(length);
    this.#words.set(scratch.subarray(0, length), this.#end);
    this.#words[this.#blocks] = this.#end;
    for (let i = 0; i < count; i += 1)
      this.#words[this.#capacity + this.count + i] = rows[(from + i) * ROW_WORDS + FINGERPRINT] ?? 0;
    this.#end += length;
    this.#blocks += 1;
    this.count += count;
    if (this.#blocks === PAGE_BLOCKS) this.close();
  }

  /** Adds all of these rows. */
  addAll(rows: Uint32Array): void {
    const count = rows.length / ROW_WORDS;
    for (let from = 0; from < count; from += BLOCK_ENTRIES) this.add(rows, from, Math.min(BLOCK_ENTRIES, count - from));
  }

  /** Packs as many other rows in place of its own, the same of them holes. */
  replace(rows: Uint32Array): void {
    const closed = this.#closed;
    this.#words = new Uint32Array(0);
    this.#capacity = this.#blocks = this.#end = this.count = 0;
    this.#closed = false;
    this.addAll(rows);
    if (closed) this.close();
  }

  /** Takes no more rows. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Gives back what the page does not need now. */
  trim(): void {
    if (this.#end < this.#words.length || this.#blocks < this.#capacity)
      this.#resize(this.#blocks, this.#end - this.#capacity * COLUMN_WORDS);
  }

  /** Trims the page and sorts its fingerprints. */
  close(): void {
    if (this.#closed) return;
    this.trim();
    const column = this.#words.subarray(this.#capacity, this.#capacity + this.count);
    for (let i = 0; i < this.count; i += 1) column[i] = (((column[i] ?? 0) >>> ROW_FINGERPRINT_BITS) << INDEX_BITS) | i;
    column.sort();
    this.#closed = true;
  }

  /** Writes all rows, holes too, to `into`, from row `to` on. */
  unpack(into: Uint32Array, to: number): void {
    for (let block = 0; block < this.#blocks; block += 1) {
      const first = block * BLOCK_ENTRIES;
      const count = Math.min(BLOCK_ENTRIES, this.count - first);
      unpackBlock(this.#words, this.#words[block] ?? 0, count, into, to + first);
    }
    for (let i = 0; i < this.count; i += 1) {
      const word = this.#words[this.#capacity + i] ?? 0;
      if (!this.#closed) into[(to + i) * ROW_WORDS + FINGERPRINT] = word;
      else {
        const at = (to + (word & INDEX_MASK)) * ROW_WORDS + FINGERPRINT;
        into[at] = ((word >>> INDEX_BITS) << ROW_FINGERPRINT_BITS) | (into[at] ?? 0);
      }
    }
  }

  /** Gives the fingerprints of all rows, holes too, in any order. */
  giveFingerprints(take: (fingerprint: number) => void): void {
    for (let i = 0; i < this.count; i += 1) {
      const word = this.#words[this.#capacity + i] ?? 0;
      if (!this.#closed) {
        take(word);
        continue;
      }
      const index = word & INDEX_MASK;
      const lower = rowFingerprintIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
      take(((word >>> INDEX_BITS) << ROW_FINGERPRINT_BITS) | lower);
    }
  }

  /** The highest index below `before` with this fingerprint that is not a hole, or -1. */
  findFingerprint(fingerprint: number, before: number): number {
    return this.#closed ? this.#findSorted(fingerprint, before) : this.#findInOrder(fingerprint, before);
  }

  seqAt(index: number): number {
    return seqIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  segmentAt(index: number): number {
    return segmentIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  offsetAt(index: number): number {
    return atIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  lengthAt(index: number): number {
    return lengthIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  commitAt(index: number): boolean {
    return isCommitIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  expiresAt(index: number): number {
    return expiryIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }
  isHole(index: number): boolean {
    return isHoleIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
  }

  remove(index: number): void {
    makeHoleIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES);
    this.holes += 1;
  }

  /** @returns false if there is no room for this offset in the page: it must be made anew. */
  move(index: number, at: number): boolean {
    return moveIn(this.#words, this.#blockOf(index), index % BLOCK_ENTRIES, at);
  }

  #findInOrder(fingerprint: number, before: number): number {
    let at = this.#capacity + before;
    while (at > this.#capacity) {
      at = this.#words.lastIndexOf(fingerprint, at - 1);
      if (at < this.#capacity) return -1;
      if (!this.isHole(at - this.#capacity)) return at - this.#capacity;
    }
    return -1;
  }

  #findSorted(fingerprint: number, before: number): number {
    const words = this.#words;
    const upper = fingerprint >>> ROW_FINGERPRINT_BITS;
    const lower = fingerprint & (2 ** ROW_FINGERPRINT_BITS - 1);
    // Behind the last that could be meant.
    const limit = (upper << INDEX_BITS) | (before - 1);
    let low = this.#capacity;
    let high = this.#capacity + this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((words[middle] ?? 0) <= limit >>> 0) low = middle + 1;
      else high = middle;
    }
    for (let at = low - 1; at >= this.#capacity && (words[at] ?? 0) >>> INDEX_BITS === upper; at -= 1) {
      const index = (words[at] ?? 0) & INDEX_MASK;
      const block = this.#blockOf(index);
      if (rowFingerprintIn(words, block, index % BLOCK_ENTRIES) === lower && !this.isHole(index)) return index;
    }
    return -1;
  }

  #blockOf(index: number): number {
    return this.#words[Math.floor(index / BLOCK_ENTRIES)] ?? 0;
  }

  #reserve(length: number): void {
    if (this.#blocks < this.#capacity && this.#end + length <= this.#words.length) return;
    const blocks = this.#blocks + 1;
    const area = this.#end - this.#capacity * COLUMN_WORDS + length;
    const capacity = Math.min(PAGE_BLOCKS, Math.ceil(blocks * GROWTH));
    this.#resize(capacity, Math.ceil((area / blocks) * capacity));
  }

  /** Gives the page columns for so many blocks, and so many words for the blocks. */
  #resize(capacity: number, area: number): void {
    const before = this.#words;
    const [from, to] = [this.#capacity * COLUMN_WORDS, capacity * COLUMN_WORDS];
    const words = new Uint32Array(to + area);
    for (let block = 0; block < this.#blocks; block += 1) words[block] = (before[block] ?? 0) - from + to;
    words.set(before.subarray(this.#capacity, this.#capacity + this.count), capacity);
    words.set(before.subarray(from, this.#end), to);
    this.#words = words;
    this.#capacity = capacity;
    this.#end += to - from;
  }
}
