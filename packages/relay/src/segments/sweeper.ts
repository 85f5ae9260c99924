import type { Checkpoints } from "./checkpoints.ts";
import { copyLiving, type Copied } from "./compaction.ts";
import { eraseBodies } from "./erasing.ts";
import type { Journal } from "./journal.ts";
import type { LogTable } from "./log-table.ts";
import type { OpenSegments } from "./open-segments.ts";
import type { RecentBytes } from "./recent-bytes.ts";
import { DamagedEntryError, isOutOfRoom } from "./segment-errors.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { recordBytes, type SegmentSalt } from "./segment-format.ts";
import { encodeIndex, type IndexItem, type SegmentIndex } from "./segment-index.ts";
import type { DeadEntry, Segment, SegmentList } from "./segment-list.ts";
import { indexName, segmentName, unfinishedName } from "./segment-names.ts";

/** What is swept. */
export interface SweeperParts {
  readonly files: SegmentFiles;
  readonly table: LogTable;
  readonly segments: SegmentList;
  readonly open: OpenSegments;
  readonly recent: RecentBytes;
  readonly journal: Journal;
  readonly checkpoints: Checkpoints;
  readonly createSalt: () => SegmentSalt;
  readonly loadIndex: (segment: Segment) => Promise<SegmentIndex | undefined>;
  /** The disk failed. */
  readonly failed: (error: unknown) => void;
  /** A record was found that does not check. */
  readonly damaged: () => void;
}

/** An index is written again when more than one in so many of its entries were erased since. */
const STALE_SHARE = 8;

/**
 * Works behind the journal, one thing after the other: writes the indexes of full segments, saves checkpoints, removes
 * segments in which nothing lives, copies those that are half dead, and erases the bodies of the dead in all others.
 * Whatever step is interrupted, the old file or the new one is there.
 */
export class Sweeper {
  readonly #parts: SweeperParts;
  #wanted = false;
  #checkpointWanted = false;
  #running: Promise<void> | undefined;
  #stopped = false;
  /** Copies are being made of files: until then none is removed or replaced, and no checkpoint is saved. */
  #holds = 0;

  constructor(parts: SweeperParts) {
    this.#parts = parts;
  }

  /** There may be something to do. */
  wake(): void {
    this.#wanted = true;
    if (this.#stopped || this.#running !== undefined) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#wanted) this.wake();
    });
  }

  /** A segment is full: it gets its index, and a checkpoint. */
  wakeForCheckpoint(): void {
    this.#checkpointWanted = true;
    this.wake();
  }

  /** Resolves when there is nothing more to do. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async stop(): Promise<void> {
    await this.idle();
    this.#stopped = true;
  }

  /** Until the release, files stay as they are but for what is appended and erased. Waits for what is under way. */
  async hold(): Promise<() => void> {
    this.#holds += 1;
    await this.idle();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.wake();
    };
  }

  async #run(): Promise<void> {
    try {
      while (this.#wanted) {
        this.#wanted = false;
        await this.#sweep();
      }
    } catch (error) {
      if (isOutOfRoom(error)) return;
      this.#stopped = true;
      this.#parts.failed(error);
    }
  }

  async #sweep(): Promise<void> {
    const { segments } = this.#parts;
    if (this.#holds === 0) {
      await this.#writeIndexes();
      await this.#checkpointAndDrop();
      for (const segment of segments.all()) if (this.#isHalfDead(segment)) await this.#compact(segment);
    }
    for (const segment of segments.all()) await this.#erase(segment);
    if (this.#holds === 0) await this.#writeIndexes();
  }

  async #writeIndexes(): Promise<void> {
    for (const segment of this.#parts.segments.all()) {
      const { index, sealed } = segment;
      if (sealed && index !== undefined && segment.living > 0) await this.#writeIndex(segment, index);
    }
  }

  async #writeIndex(segment: Segment, index: SegmentIndex): Promise<void> {
    const { files } = this.#parts;
    const name = indexName(segment.number);
    const { erased } = segment;
    segment.erased = new Set();
    if (erased.size > 0) index.markErased(erased);
    const file = await files.create(unfinishedName(name));
    try {
      const bytes = encodeIndex(segment, index);
      await file.write(bytes, 0);
      segment.indexBytes = bytes.length;
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(unfinishedName(name), name);
    await files.syncFolder();
    segment.index = undefined;
  }

  async #checkpointAndDrop(): Promise<void> {
    const { segments, checkpoints, files, open, recent, journal } = this.#parts;
    const dead = segments.all().filter(({ sealed, living }) => sealed && living === 0);
    if (dead.length === 0 && !this.#checkpointWanted) return;
    this.#checkpointWanted = false;
    const covers = journal.position.segment;
    const retired = new Set(dead.map(({ number }) => number).filter((number) => number < covers));
    if (!(await checkpoints.save(retired))) {
      this.#checkpointWanted = true;
      return;
    }
    for (const number of retired) {
      open.retire(number);
      recent.forget(number);
      segments.remove(number);
      await files.remove(segmentName(number));
    }
    if (retired.size === 0) return;
    const names = new Set(await files.list());
    for (const number of retired) if (names.has(indexName(number))) await files.remove(indexName(number));
    await files.syncFolder();
  }

  #isHalfDead({ number, sealed, damaged, living, livingBytes, deadBytes }: Segment): boolean {
    const { checkpoints, segments } = this.#parts;
    const covered = number < checkpoints.coveredBefore && segments.newestBatch.segment > number;
    return covered && sealed && !damaged && living > 0 && deadBytes >= livingBytes;
  }

  async #compact(segment: Segment): Promise<void> {
    const { files, open, createSalt, loadIndex, damaged } = this.#parts;
    const { number } = segment;
    const index = await loadIndex(segment);
    if (index === undefined) return;
    const name = segmentName(number);
    const newSalt = createSalt();
    const to = await files.create(unfinishedName(name));
    try {
      await open.use(number, async (from) => {
        const living = (item: IndexItem): boolean => this.#isLiving(number, item);
        const copied = await copyLiving({ number, from, to, salt: segment.salt, newSalt, index, living });
        await to.close();
        await files.rename(unfinishedName(name), name);
        await files.syncFolder();
        this.#replace(segment, newSalt, copied);
      });
    } catch (error) {
      await to.close();
      if (!(error instanceof DamagedEntryError || isOutOfRoom(error))) throw error;
      // What was copied so far only takes room.
      await files.remove(unfinishedName(name));
      if (isOutOfRoom(error)) throw error;
      segment.damaged = true;
      damaged();
    }
  }

  #isLiving(number: number, { log, seq, at }: IndexItem): boolean {
    const entries = this.#parts.table.numbered(log)?.entries;
    const index = entries?.find(seq) ?? -1;
    return entries !== undefined && index >= 0 && entries.segmentAt(index) === number && entries.offsetAt(index) === at;
  }

  /** The copy took the segment's place: all entries move in one step. Those that died meanwhile are to be erased in it. */
  #replace(segment: Segment, salt: SegmentSalt, { entries, index, end }: Copied): void {
    const { table, recent, open } = this.#parts;
    const toErase: DeadEntry[] = [];
    for (const { item, at } of entries) {
      const log = this.#isLiving(segment.number, item) ? table.numbered(item.log) : undefined;
      if (log === undefined) toErase.push({ at, length: item.length, commit: item.commit });
      else log.entries.move(log.entries.find(item.seq), at);
    }
    segment.salt = salt;
    segment.end = end;
    segment.index = index;
    segment.toErase = toErase;
    segment.deadBytes = toErase.reduce((sum, { length, commit }) => sum + recordBytes(length, commit), 0);
    segment.erased = new Set();
    recent.forget(segment.number);
    open.retire(segment.number);
  }

  /** What will go with its whole segment is not overwritten first. */
  async #erase(segment: Segment): Promise<void> {
    const { segments, open, journal, checkpoints } = this.#parts;
    if (segment.toErase.length === 0 || segments.get(segment.number) !== segment) return;
    if (segment.sealed && segment.living === 0 && this.#holds === 0 && segment.number < checkpoints.coveredBefore)
      return;
    const last = segment.toErase.reduce((most, { at }) => Math.max(most, at), 0);
    if (!segments.mayErase(segment.number, last)) await journal.cover();
    const erasable = ({ at }: DeadEntry): boolean => segments.mayErase(segment.number, at);
    const dead = segment.toErase.filter(erasable);
    segment.toErase = segment.toErase.filter((one) => !erasable(one));
    await open.use(segment.number, (file) => eraseBodies(file, dead));
    await this.#noteErased(segment, dead);
  }

  /** So that the next start does not erase them again. */
  async #noteErased(segment: Segment, dead: readonly DeadEntry[]): Promise<void> {
    for (const { at } of dead) segment.erased.add(at);
    const stale = segment.erased.size * STALE_SHARE > segment.living;
    if (segment.sealed && segment.index === undefined && stale) segment.index = await this.#parts.loadIndex(segment);
  }
}
