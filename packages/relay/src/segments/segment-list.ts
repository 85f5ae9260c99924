import type { EntryPlace } from "./entry-table.ts";
import { recordBytes, SEGMENT_HEADER_BYTES, type SegmentSalt } from "./segment-format.ts";
import { SegmentIndex } from "./segment-index.ts";

/** An entry whose body is to be overwritten. */
export interface DeadEntry {
  readonly at: number;
  readonly length: number;
  readonly commit: boolean;
}

/** An entry that will expire soon. */
export interface DueEntry {
  readonly expiresAt: number;
  readonly log: number;
  readonly seq: number;
}

/** What is known of one segment. */
export class Segment {
  readonly number: number;
  salt: SegmentSalt;
  /** Where its records end, durably. */
  end: number;
  sealed = false;
  /** Entries that are in a log's table, and the bytes of their records. */
  living = 0;
  livingBytes = 0;
  /** Bytes of records whose entries are dead, erased or not. */
  deadBytes = 0;
  /** Dead entries whose bodies are still there. */
  toErase: DeadEntry[] = [];
  /** Entries that expire soon, by time, and how many of them are dealt with. The others expire at {@link nextExpiry} or later. */
  due: DueEntry[] = [];
  dueDone = 0;
  nextExpiry = Infinity;
  /** Kept in memory until it is in a file. */
  index: SegmentIndex | undefined;
  /** How long the file of its index is. */
  indexBytes = 0;
  /** A record in it does not check: it stays as it is until all of it is dead. */
  damaged = false;
  /** Where the records of entries begin that were erased since the index was written. */
  erased = new Set<number>();

  constructor(number: number, salt: SegmentSalt, end: number, index: SegmentIndex | undefined) {
    this.number = number;
    this.salt = salt;
    this.end = end;
    this.index = index;
  }

  /** An entry was stored here, or found here at the start. */
  came(place: EntryPlace): void {
    this.living += 1;
    this.livingBytes += recordBytes(place.length, place.commit);
    if (place.expiresAt < this.nextExpiry) this.nextExpiry = place.expiresAt;
  }

  /** Entries that are expired or dead, with bodies that are still there. */
  backlog(now: number): number {
    let due = 0;
    for (let at = this.dueDone; (this.due[at]?.expiresAt ?? Infinity) <= now; at += 1) due += 1;
    return this.toErase.length + due + (this.nextExpiry <= now ? 1 : 0);
  }

  /** An entry of this segment left its log. */
  died(dead: DeadEntry): void {
    this.living -= 1;
    const size = recordBytes(dead.length, dead.commit);
    this.livingBytes -= size;
    this.deadBytes += size;
    this.toErase.push(dead);
  }
}

/** All segments of a store by number, and which bytes may be erased already. */
export class SegmentList {
  readonly #segments = new Map<number, Segment>();
  /** Where the newest durable batch begins. What lies before it can never be taken for a torn tail. */
  newestBatch: { readonly segment: number; readonly base: number } = { segment: 0, base: 0 };

  get(number: number): Segment | undefined {
    return this.#segments.get(number);
  }

  /** From the oldest on. */
  all(): readonly Segment[] {
    return [...this.#segments.values()];
  }

  add(segment: Segment): void {
    this.#segments.set(segment.number, segment);
  }

  remove(number: number): void {
    this.#segments.delete(number);
  }

  /** A new segment was begun: those before it do not grow any more. */
  begin(number: number, salt: SegmentSalt): void {
    for (const segment of this.#segments.values()) segment.sealed = true;
    this.add(new Segment(number, salt, SEGMENT_HEADER_BYTES, new SegmentIndex()));
  }

  /** Whether a batch behind this place is durable. */
  mayErase(segment: number, at: number): boolean {
    return segment < this.newestBatch.segment || (segment === this.newestBatch.segment && at < this.newestBatch.base);
  }
}
