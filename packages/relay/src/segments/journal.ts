import { Batch, type BatchPlace } from "./batch.ts";
import type { Buffers } from "./buffers.ts";
import { isOutOfRoom } from "./segment-errors.ts";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES, type SegmentSalt } from "./segment-format.ts";
import { segmentName } from "./segment-names.ts";

/** The segment that grows: `end` bytes of it are durable, in `batches` batches. */
export interface ActiveSegment {
  readonly number: number;
  readonly salt: SegmentSalt;
  readonly file: SegmentFile;
  readonly end: number;
  readonly batches: number;
}

/** What the journal needs, and whom it tells. */
export interface JournalParts {
  readonly files: SegmentFiles;
  readonly segmentBytes: number;
  readonly buffers: Buffers;
  /** Random numbers for a new segment. */
  readonly createSalt: () => SegmentSalt;
  /** Runs `work` at the end of this turn, so that what arrives together is stored together. */
  readonly schedule: (work: () => void) => void;
  /** Milliseconds that only ever grow. */
  readonly elapsed: () => number;
  /** A batch is durable, and took so many milliseconds for it. */
  readonly synced: (tookMs: number) => void;
  /** A segment was begun (and is durable, but empty); the one before it will not grow any more. */
  readonly begun: (number: number, salt: SegmentSalt) => void;
  /** All of the batch is durable. Called in order. */
  readonly settled: (batch: Batch) => void;
  /** There was no room for the first of these; all of them must be taken back, the newest first. */
  readonly refused: (batches: readonly Batch[]) => void;
  /** Nothing on the disk can be relied on any more. */
  readonly failed: (error: unknown) => void;
}

/** A batch is closed when it holds this much, so that no write takes long. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** Less than this is never worth a write before the turn ends. */
const MIN_EARLY_BYTES = 128 * 1024;

/**
 * Writes batches one after the other: while one is written and synced the next one gathers, and it goes out as soon as
 * the sync is done. A batch is begun only when the one before it is durable; restarting depends on that.
 */
export class Journal {
  readonly #parts: JournalParts;
  #active: ActiveSegment | undefined;
  #gathering: Batch;
  /** Full batches before the one that gathers, the oldest first. */
  #full: Batch[] = [];
  #writing: Batch | undefined;
  #scheduled = false;
  #stopped = false;
  #highest: number;
  #lastLength = 0;

  /** @param active - Undefined: `highest` is the highest segment number ever used, and the next one is begun. */
  constructor(parts: JournalParts, active: ActiveSegment | undefined, highest: number) {
    this.#parts = parts;
    this.#active = active;
    this.#highest = highest;
    this.#gathering = this.#newBatch(this.#plan());
  }

  /** The batch to add a record to. Call {@link arm} afterwards. */
  get batch(): Batch {
    if (this.#gathering.length >= MAX_BATCH_BYTES) this.#closeBatch();
    return this.#gathering;
  }

  /** The batch that what was decided last belongs to. */
  get lastBatch(): Batch {
    return this.#gathering;
  }

  /** Batches that are not durable, the newest first. */
  get open(): readonly Batch[] {
    const writing = this.#writing === undefined ? [] : [this.#writing];
    return [...writing, ...this.#full, this.#gathering].reverse();
  }

  /** Nothing is asked that has not been answered. */
  get idle(): boolean {
    return this.#writing === undefined && this.#full.length === 0 && this.#gathering.changes.length === 0;
  }

  /** The end of what is durable. */
  get position(): { readonly segment: number; readonly end: number } {
    return { segment: this.#active?.number ?? this.#highest, end: this.#active?.end ?? 0 };
  }

  /**
   * Something was added: it will be written at the end of this turn, or after what is being written. Half of what was
   * written last need not wait for the other half: then the disk works on one while the other is decided.
   */
  arm(): void {
    if (this.#writing !== undefined) return;
    const { length } = this.#gathering;
    if (length >= MIN_EARLY_BYTES && length * 2 >= this.#lastLength) {
      void this.#run();
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#parts.schedule(() => {
      this.#scheduled = false;
      if (this.#writing === undefined) void this.#run();
    });
  }

  /** Writes a batch without records, if no other: what was durable before can then not be taken for a torn tail. */
  cover(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#gathering.touch();
      const outcome = { type: "unknown" } as const; // nobody hears it
      this.#gathering.changes.push({
        ...{ kind: "none", log: undefined, place: undefined, outcome, reject },
        resolve: () => {
          resolve();
        },
      });
      this.arm();
    });
  }

  /** After a failure: nothing more is written. @returns what will never be answered. */
  stop(): readonly Batch[] {
    this.#stopped = true;
    const lost = [...this.open].reverse();
    this.#writing = undefined;
    this.#full = [];
    this.#gathering = this.#newBatch(this.#plan());
    return lost;
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#active?.file.close();
  }

  async #run(): Promise<void> {
    while (!this.#stopped && (this.#full.length > 0 || this.#gathering.changes.length > 0)) {
      if (this.#full.length === 0) this.#closeBatch();
      const batch = this.#full.shift();
      if (batch === undefined) return;
      this.#writing = batch;
      let stored = true;
      try {
        if (batch.length > 0) stored = await this.#write(batch);
      } catch (error) {
        this.#parts.failed(error);
        return;
      }
      // The next write begins before anybody works on these answers: they settle in microtasks, after this turn.
      if (stored) this.#settle(batch);
      else this.#refuse();
    }
  }

  #settle(batch: Batch): void {
    this.#writing = undefined;
    this.#parts.settled(batch);
  }

  #refuse(): void {
    const refused = [...this.open].reverse();
    this.#writing = undefined;
    this.#full = [];
    this.#gathering = this.#newBatch(this.#plan());
    this.#parts.refused(refused);
  }

  #closeBatch(): void {
    this.#full.push(this.#gathering);
    this.#gathering = this.#newBatch(this.#planAfter(this.#gathering));
  }

  /** About as long as the one before it. */
  #newBatch(place: BatchPlace): Batch {
    return new Batch(place, this.#parts.buffers, this.#lastLength);
  }

  /** Where the next batch goes when all before it are durable. */
  #plan(): BatchPlace {
    if (this.#active === undefined) return this.#planSegment(this.#highest + 1);
    const { number: segment, salt, end: base, batches: number } = this.#active;
    return base >= this.#parts.segmentBytes ? this.#planSegment(segment + 1) : { segment, salt, base, number };
  }

  #planAfter({ place, length }: Batch): BatchPlace {
    if (length === 0) return place;
    const base = place.base + length;
    if (base >= this.#parts.segmentBytes) return this.#planSegment(place.segment + 1);
    return { ...place, base, number: place.number + 1 };
  }

  #planSegment(segment: number): BatchPlace {
    return { segment, salt: this.#parts.createSalt(), base: SEGMENT_HEADER_BYTES, number: 0 };
  }

  /** @returns false when there was no room; then nothing of the batch is left. @throws when the disk failed. */
  async #write(batch: Batch): Promise<boolean> {
    const { place } = batch;
    if (place.segment !== this.#active?.number && !(await this.#begin(place))) return false;
    const active = this.#active;
    if (active === undefined) throw new RangeError("no segment to write to");
    const began = this.#parts.elapsed();
    const bytes = batch.finish();
    try {
      if (active.file.writeSynced !== undefined) await active.file.writeSynced(bytes, place.base);
      else await active.file.write(bytes, place.base);
    } catch (error) {
      if (!isOutOfRoom(error)) throw error;
      // Durable before anybody is refused: what was refused must not come back.
      await active.file.truncate(place.base);
      await active.file.sync();
      return false;
    }
    if (active.file.writeSynced === undefined) await active.file.sync();
    this.#lastLength = batch.length;
    this.#parts.synced(this.#parts.elapsed() - began);
    this.#active = { ...active, end: place.base + batch.length, batches: place.number + 1 };
    return true;
  }

  /** Makes the segment's file with its header, both durable. @returns false when there was no room. */
  async #begin({ segment, salt }: BatchPlace): Promise<boolean> {
    const { files } = this.#parts;
    let file: SegmentFile | undefined;
    try {
      file = await files.create(segmentName(segment));
      await file.write(encodeSegmentHeader(segment, salt), 0);
    } catch (error) {
      await file?.close();
      if (isOutOfRoom(error)) return false;
      throw error;
    }
    await file.sync();
    await files.syncFolder();
    const before = this.#active;
    this.#active = { number: segment, salt, file, end: SEGMENT_HEADER_BYTES, batches: 0 };
    this.#highest = segment;
    this.#parts.begun(segment, salt);
    await before?.file.close();
    return true;
  }
}
