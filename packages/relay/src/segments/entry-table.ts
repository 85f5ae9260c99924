import { BLOCK_ENTRIES } from "./entry-block.ts";
import { EntryPage, PAGE_ENTRIES } from "./entry-page.ts";
import {
  AT,
  EXPIRY,
  FINGERPRINT,
  FINGERPRINT_MASK,
  LENGTH,
  MAX_EXPIRY,
  packLength,
  ROW_WORDS,
  SEGMENT,
  SEQ,
  unpackCommit,
  unpackExpiry,
  unpackLength,
} from "./entry-rows.ts";
import { FingerprintFilter } from "./fingerprint-filter.ts";

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

const NOTHING = new Uint32Array(0);
const NO_PAGES: EntryPage[] = [];
/** Most logs are small: up to so many entries, room for them grows by {@link FEW_MORE}. */
const FEW = 16;
const FEW_MORE = 4;
const MIN_HOLES = 8;
/** Of a page's or the newest entries: with one hole in so many they are written anew. */
const HOLES_SHARE = 4;
const MAX_BASE_DISTANCE = 2 ** 32;

/**
 * The entries of one log in order of their positions: the newest as rows, all others packed in pages. An entry's index is
 * good until the next change.
 * Made for many millions of entries: the readable twin, with which a test compares it, is a sorted array of objects.
 */
export class EntryTable {
  #pages = NO_PAGES;
  /** Behind the entries in pages; with {@link #rowCount} of them, and room for more. */
  #rows = NOTHING;
  #rowCount = 0;
  #rowHoles = 0;
  /** Entries in pages, holes too. */
  #paged = 0;
  #holes = 0;
  #base = 0;
  /** Of all entries in pages, and of some that were; where there are several, since each would have to be searched. */
  #filter: FingerprintFilter | undefined;
  /** A page has so many holes that it is to be made anew. */
  #worn = false;

  /** Entries that are there. */
  get size(): number {
    return this.end - this.#holes;
  }

  /** One past the last index. Some indexes are holes: see {@link isHole}. */
  get end(): number {
    return this.#paged + this.#rowCount;
  }

  /** Adds an entry. Nearly always behind all others; elsewhere all of it is made anew. */
  add(place: EntryPlace): void {
    if (this.end === 0) this.#base = place.seq;
    if (place.seq < this.#base || place.seq - this.#base >= MAX_BASE_DISTANCE) this.#rebase(place.seq);
    let index = this.end;
    if (index > 0 && this.seqAt(index - 1) >= place.seq) {
      this.#unpack();
      index = this.from(place.seq);
    }
    this.#reserve();
    const at = (index - this.#paged) * ROW_WORDS;
    this.#rows.copyWithin(at + ROW_WORDS, at, this.#rowCount * ROW_WORDS);
    this.#rowCount += 1;
    this.#write(at, place);
    if (this.#rowCount >= BLOCK_ENTRIES) this.#pack();
  }

  /** Takes back the newest entry if it has this position. */
  removeLast(seq: number): void {
    if (this.end === 0 || this.seqAt(this.end - 1) !== seq || this.isHole(this.end - 1)) return;
    if (this.#rowCount === 0) this.#unpack();
    this.#rowCount -= 1;
  }

  /** The index of this entry, or -1. */
  find(seq: number): number {
    const index = this.from(seq);
    return index < this.end && this.seqAt(index) === seq && !this.isHole(index) ? index : -1;
  }

  /** The first index whose position is `seq` or higher; it may be a hole, or {@link end}. */
  from(seq: number): number {
    let low = 0;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.seqAt(middle) < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The index of the newest entry before `before` that may have this fingerprint, or -1. */
  findFingerprint(fingerprint: number, before = this.end): number {
    const wanted = fingerprint & FINGERPRINT_MASK;
    for (let row = before - this.#paged - 1; row >= 0; row -= 1) {
      if (this.#rows[row * ROW_WORDS + FINGERPRINT] === wanted && this.#rows[row * ROW_WORDS + SEGMENT] !== 0)
        return this.#paged + row;
    }
    if (this.#filter?.mayHold(wanted) === false) return -1;
    for (let i = this.#pages.length - 1; i >= 0; i -= 1) {
      const page = this.#pages[i];
      if (page === undefined || page.start >= before) continue;
      const found = page.findFingerprint(wanted, Math.min(page.count, before - page.start));
      if (found >= 0) return page.start + found;
    }
    return -1;
  }

  isHole(index: number): boolean {
    const page = this.#pageOf(index);
    return page === undefined ? this.#word(index, SEGMENT) === 0 : page.isHole(index - page.start);
  }
  seqAt(index: number): number {
    const page = this.#pageOf(index);
    return this.#base + (page === undefined ? this.#word(index, SEQ) : page.seqAt(index - page.start));
  }
  segmentAt(index: number): number {
    const page = this.#pageOf(index);
    return page === undefined ? this.#word(index, SEGMENT) : page.segmentAt(index - page.start);
  }
  offsetAt(index: number): number {
    const page = this.#pageOf(index);
    return page === undefined ? this.#word(index, AT) : page.offsetAt(index - page.start);
  }
  lengthAt(index: number): number {
    const page = this.#pageOf(index);
    return page === undefined ? unpackLength(this.#word(index, LENGTH)) : page.lengthAt(index - page.start);
  }
  commitAt(index: number): boolean {
    const page = this.#pageOf(index);
    return page === undefined ? unpackCommit(this.#word(index, LENGTH)) : page.commitAt(index - page.start);
  }
  expiresAt(index: number): number {
    const page = this.#pageOf(index);
    if (page !== undefined) return page.expiresAt(index - page.start);
    return unpackExpiry(this.#word(index, LENGTH), this.#word(index, EXPIRY));
  }

  /** The entry moved within its segment's new file. */
  move(index: number, at: number): void {
    const page = this.#pageOf(index);
    if (page === undefined) {
      this.#rows[(index - this.#paged) * ROW_WORDS + AT] = at;
    } else if (!page.move(index - page.start, at)) {
      const rows = new Uint32Array(page.count * ROW_WORDS);
      page.unpack(rows, 0);
      rows[(index - page.start) * ROW_WORDS + AT] = at;
      page.replace(rows);
    }
  }

  /** Makes a hole. Indexes stay until {@link tidy}. */
  remove(index: number): void {
    const page = this.#pageOf(index);
    this.#holes += 1;
    if (page === undefined) {
      this.#rows[(index - this.#paged) * ROW_WORDS + SEGMENT] = 0;
      this.#rowHoles += 1;
    } else {
      page.remove(index - page.start);
      if (isWorn(page.holes, page.count)) this.#worn = true;
    }
  }

  /** Closes holes where there are many. Indexes change. */
  tidy(): void {
    if (isWorn(this.#rowHoles, this.#rowCount)) this.#dropRowHoles();
    if (this.#worn) this.#mendPages();
  }

  /** Gives back the room that is kept for entries to come. */
  trim(): void {
    const used = this.#rowCount * ROW_WORDS;
    if (used < this.#rows.length) this.#rows = used === 0 ? NOTHING : this.#rows.slice(0, used);
    this.#pages.at(-1)?.trim();
  }

  /** The page that the entry is in, or undefined for one of the newest. */
  #pageOf(index: number): EntryPage | undefined {
    if (index >= this.#paged) return undefined;
    const pages = this.#pages;
    let low = 0;
    let high = pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((pages[middle]?.start ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return pages[low];
  }

  #word(index: number, which: number): number {
    return this.#rows[(index - this.#paged) * ROW_WORDS + which] ?? 0;
  }

  #write(at: number, { seq, segment, at: offset, length, commit, expiresAt, fingerprint }: EntryPlace): void {
    const rows = this.#rows;
    const expiry = Math.min(expiresAt, MAX_EXPIRY);
    rows[at + SEQ] = seq - this.#base;
    rows[at + SEGMENT] = segment;
    rows[at + AT] = offset;
    rows[at + LENGTH] = packLength(length, commit, expiry);
    rows[at + EXPIRY] = expiry;
    rows[at + FINGERPRINT] = fingerprint & FINGERPRINT_MASK;
  }

  #reserve(): void {
    if (this.#rowCount * ROW_WORDS < this.#rows.length) return;
    const few = this.#paged === 0 && this.#rowCount < FEW;
    const capacity = few ? this.#rowCount + FEW_MORE : Math.max(BLOCK_ENTRIES, this.#rowCount * 2);
    const grown = new Uint32Array(capacity * ROW_WORDS);
    grown.set(this.#rows);
    this.#rows = grown;
  }

  /** Moves the oldest rows to pages, in whole blocks. Holes are left out. */
  #pack(): void {
    if (this.#rowHoles > 0) this.#dropRowHoles();
    const count = this.#rowCount - (this.#rowCount % BLOCK_ENTRIES);
    for (let from = 0; from < count; from += BLOCK_ENTRIES) {
      const page = this.#growingPage();
      page.add(this.#rows, from, BLOCK_ENTRIES);
      this.#paged += BLOCK_ENTRIES;
    }
    if (count === 0) return;
    this.#filterRows(count);
    this.#rows.copyWithin(0, count * ROW_WORDS, this.#rowCount * ROW_WORDS);
    this.#rowCount -= count;
    if (this.#rows.length > BLOCK_ENTRIES * ROW_WORDS) this.#rows = this.#rows.slice(0, BLOCK_ENTRIES * ROW_WORDS);
  }

  /** The first `count` rows have come to pages. */
  #filterRows(count: number): void {
    if (this.#filter !== undefined && !this.#filter.full) {
      for (let row = 0; row < count; row += 1) this.#filter.add(this.#rows[row * ROW_WORDS + FINGERPRINT] ?? 0);
      return;
    }
    if (this.#paged <= PAGE_ENTRIES) return;
    const filter = new FingerprintFilter(this.#paged);
    for (const page of this.#pages)
      page.giveFingerprints((fingerprint) => {
        filter.add(fingerprint);
      });
    this.#filter = filter;
  }

  #growingPage(): EntryPage {
    const last = this.#pages.at(-1);
    if (last !== undefined && !last.closed) return last;
    const page = new EntryPage();
    page.start = this.#paged;
    // Most logs have one page: pushed to an empty array, it would get room for many.
    if (this.#pages === NO_PAGES) this.#pages = [page];
    else this.#pages.push(page);
    return page;
  }

  #dropRowHoles(): void {
    const kept = livingOf(this.#rows, this.#rowCount);
    this.#holes -= this.#rowHoles;
    this.#rowHoles = 0;
    this.#rows = kept;
    this.#rowCount = kept.length / ROW_WORDS;
  }

  /** Makes pages with many holes anew, together with their neighbours if they fit. What is over of the last one becomes rows. */
  #mendPages(): void {
    const kept: EntryPage[] = [];
    let over = NOTHING;
    for (let i = 0; i < this.#pages.length; i += 1) {
      const page = this.#pages[i];
      if (page === undefined) continue;
      if (!isWorn(page.holes, page.count)) {
        kept.push(page);
        continue;
      }
      let rows = rowsOf([page]);
      for (let next = this.#pages[i + 1]; next !== undefined; next = this.#pages[i + 1]) {
        if (rows.length / ROW_WORDS + next.count - next.holes > PAGE_ENTRIES) break;
        rows = joined(rows, rowsOf([next]));
        i += 1;
      }
      const last = i === this.#pages.length - 1;
      const count = rows.length / ROW_WORDS;
      const whole = last ? count - (count % BLOCK_ENTRIES) : count;
      if (whole > 0) kept.push(pageOf(rows.subarray(0, whole * ROW_WORDS), !last));
      over = rows.subarray(whole * ROW_WORDS);
    }
    this.#pages = kept.length === 0 ? NO_PAGES : kept;
    this.#rows = joined(over, this.#rows);
    this.#rowCount += over.length / ROW_WORDS;
    this.#countPages();
  }

  #countPages(): void {
    this.#worn = false;
    this.#paged = 0;
    this.#holes = this.#rowHoles;
    for (const page of this.#pages) {
      page.start = this.#paged;
      this.#paged += page.count;
      this.#holes += page.holes;
    }
  }

  /** Makes rows of all entries. */
  #unpack(): void {
    this.#dropRowHoles();
    this.#rows = joined(rowsOf(this.#pages), this.#rows);
    this.#rowCount = this.#rows.length / ROW_WORDS;
    this.#pages = NO_PAGES;
    this.#filter = undefined;
    this.#countPages();
  }

  /** Makes `seq` fit: the base moves to the lowest of all positions. */
  #rebase(seq: number): void {
    const lowest = Math.min(seq, this.seqAt(0));
    if (Math.max(seq, this.seqAt(this.end - 1)) - lowest >= MAX_BASE_DISTANCE)
      throw new RangeError("a log spans too many positions");
    this.#unpack();
    const shift = this.#base - lowest;
    for (let row = 0; row < this.#rowCount; row += 1) {
      const at = row * ROW_WORDS + SEQ;
      this.#rows[at] = (this.#rows[at] ?? 0) + shift;
    }
    this.#base = lowest;
  }
}

function isWorn(holes: number, count: number): boolean {
  return holes > 0 && (holes === count || (holes >= MIN_HOLES && holes * HOLES_SHARE >= count));
}

/** The living rows of these pages. */
function rowsOf(pages: readonly EntryPage[]): Uint32Array<ArrayBuffer> {
  const count = pages.reduce((sum, page) => sum + page.count, 0);
  const rows = new Uint32Array(count * ROW_WORDS);
  let to = 0;
  for (const page of pages) {
    page.unpack(rows, to);
    to += page.count;
  }
  return livingOf(rows, count);
}

/** Without the holes. */
function livingOf(rows: Uint32Array<ArrayBuffer>, count: number): Uint32Array<ArrayBuffer> {
  const kept = new Uint32Array(count * ROW_WORDS);
  let to = 0;
  for (let from = 0; from < count * ROW_WORDS; from += ROW_WORDS) {
    if (rows[from + SEGMENT] === 0) continue;
    kept.set(rows.subarray(from, from + ROW_WORDS), to);
    to += ROW_WORDS;
  }
  return kept.slice(0, to);
}

function joined(first: Uint32Array, second: Uint32Array): Uint32Array<ArrayBuffer> {
  const both = new Uint32Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function pageOf(rows: Uint32Array, closed: boolean): EntryPage {
  const page = new EntryPage();
  page.addAll(rows);
  if (closed) page.close();
  return page;
}
