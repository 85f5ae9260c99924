import type { AppendOutcome, CreateOutcome, DestroyOutcome } from "../logs/log-store.ts";
import type { Buffers } from "./buffers.ts";
import type { EntryPlace } from "./entry-table.ts";
import type { SegmentLog } from "./segment-log.ts";
import {
  BATCH_HEADER_BYTES,
  recordBytes,
  regionOf,
  STATE_FRAME_BYTES,
  writeBatchHeader,
  writeEntry,
  writeState,
  type EntryToWrite,
  type Region,
  type SegmentSalt,
} from "./segment-format.ts";

/** Where a batch will stand: in which segment, from which byte on, and as which of its batches. */
export interface BatchPlace {
  readonly segment: number;
  readonly salt: SegmentSalt;
  readonly base: number;
  readonly number: number;
}

/** One decided operation: what it changed, and who waits for which outcome. */
export interface Change {
  /** `none`: nothing was changed; the outcome still waits for what was decided before it. */
  readonly kind: "none" | "create" | "add" | "destroy";
  readonly log: SegmentLog | undefined;
  readonly place: EntryPlace | undefined;
  readonly outcome: CreateOutcome | AppendOutcome | DestroyOutcome;
  readonly resolve: (outcome: CreateOutcome | AppendOutcome | DestroyOutcome) => void;
  readonly reject: (error: Error) => void;
}

const NO_REGION = regionOf(new Uint8Array(0));

/** Records that will be written and synced at once, and the changes that wait for it. */
export class Batch {
  readonly place: BatchPlace;
  readonly changes: Change[] = [];
  readonly #buffers: Buffers;
  readonly #expected: number;
  #region: Region = NO_REGION;
  #length = 0;

  /** @param expected - About how many bytes it will hold. */
  constructor(place: BatchPlace, buffers: Buffers, expected = 0) {
    this.place = place;
    this.#buffers = buffers;
    this.#expected = expected;
  }

  /** Bytes so far, with the batch's header; 0 while there is no record. */
  get length(): number {
    return this.#length;
  }

  /** The bytes so far. A view: more records may follow. */
  get bytes(): Uint8Array {
    return this.#region.bytes.subarray(0, this.#length);
  }

  /** @returns where the record begins, in bytes from the beginning of the segment. */
  addEntry(entry: EntryToWrite): number {
    const at = this.#reserve(recordBytes(entry.body.length, entry.nextHashes !== undefined));
    writeEntry(this.#region, at, entry, this.place.salt);
    return this.place.base + at;
  }

  /** @returns where the record begins, in bytes from the beginning of the segment. */
  addState(record: { readonly type: number; readonly log: number; readonly state: Uint8Array }): number {
    const at = this.#reserve(STATE_FRAME_BYTES + record.state.length);
    writeState(this.#region, at, record, this.place.salt);
    return this.place.base + at;
  }

  /** From here on it will be written, records or not. */
  touch(): void {
    this.#reserve(0);
  }

  /** Writes the header: nothing may be added afterwards. */
  finish(): Uint8Array {
    writeBatchHeader(this.#region, this.place.salt, this.place.number, this.#length - BATCH_HEADER_BYTES);
    return this.bytes;
  }

  #reserve(size: number): number {
    const at = this.#length === 0 ? BATCH_HEADER_BYTES : this.#length;
    this.#length = at + size;
    const { bytes } = this.#region;
    if (this.#length > bytes.length) {
      const grown = this.#buffers.take(Math.max(this.#expected, bytes.length * 2, this.#length));
      grown.set(bytes.subarray(0, at));
      this.#region = regionOf(grown);
      this.#buffers.give(bytes);
    }
    return at;
  }
}
