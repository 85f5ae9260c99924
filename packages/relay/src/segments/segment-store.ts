import type { Random } from "@stonechat/crypto/issuer";
import type {
  AppendEntry,
  AppendOutcome,
  CommitEntry,
  CreateLog,
  CreateOutcome,
  DestroyLog,
  DestroyOutcome,
  ExpireOutcome,
  LogLimits,
  LogStats,
  LogStore,
  ReadLog,
  ReadOutcome,
} from "../logs/log-store.ts";
import { StoreFailedError } from "../store/relay-store.ts";
import type { Batch, Change } from "./batch.ts";
import { Decisions } from "./decisions.ts";
import { Journal } from "./journal.ts";
import type { LogTable } from "./log-table.ts";
import { OpenSegments } from "./open-segments.ts";
import { PageReader } from "./page-reader.ts";
import { RecentBytes } from "./recent-bytes.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { loadSegments, type OpenedSegments } from "./segment-loading.ts";
import type { SegmentState } from "./segment-state.ts";

/** What a segment store works with. */
export interface SegmentStoreParts {
  readonly files: SegmentFiles;
  readonly state: SegmentState;
  readonly limits: LogLimits;
  readonly random: Random;
  /** Below this many free bytes nothing new is stored, so that deleting still has room to work in. */
  readonly reserveBytes: number;
  /** Runs work at the end of this turn. */
  readonly schedule: (work: () => void) => void;
  /** A segment that has grown to this many bytes is followed by a new one. */
  readonly segmentBytes?: number;
  /** How many of the newest bytes are kept in memory. */
  readonly recentBytes?: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const RECENT_BYTES = 16 * 1024 * 1024;

/** Logs in segment files: see segment-format.ts for what stands in them, and journal.ts for how they grow. */
export class SegmentStore implements LogStore {
  /** Settles with the error when storage fails; never otherwise. */
  readonly failed: Promise<StoreFailedError>;
  readonly #parts: SegmentStoreParts;
  readonly #table: LogTable;
  readonly #journal: Journal;
  readonly #recent: RecentBytes;
  readonly #segments: OpenSegments;
  readonly #reader: PageReader;
  readonly #decisions: Decisions;
  readonly #fail: (error: StoreFailedError) => void;
  #failure: StoreFailedError | undefined;

  private constructor(parts: SegmentStoreParts, opened: OpenedSegments) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<StoreFailedError>();
    this.failed = promise;
    this.#fail = resolve;
    const { table, fingerprints, salts } = opened;
    const recent = new RecentBytes(parts.recentBytes ?? RECENT_BYTES);
    const segments = new OpenSegments(parts.files);
    const reader = new PageReader({ table, recent, segments, saltOf: (segment) => salts.get(segment) });
    this.#journal = this.#openJournal(opened);
    this.#decisions = new Decisions({
      ...{ table, recent, reader, fingerprints },
      journal: this.#journal,
      limits: parts.limits,
    });
    this.#table = table;
    this.#recent = recent;
    this.#segments = segments;
    this.#reader = reader;
  }

  /** Loads what is there. Close it when done. @throws DamagedSegmentError; what the disk says. */
  static async open(parts: SegmentStoreParts): Promise<SegmentStore> {
    return new SegmentStore(parts, await loadSegments(parts));
  }

  /** Too little room on the disk: additions are refused, the rest goes on. */
  get storageLow(): boolean {
    return this.#decisions.storageLow;
  }

  create(log: CreateLog): Promise<CreateOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#decisions.create(log, { resolve, reject });
      else reject(this.#failure);
    });
  }
  append(entry: AppendEntry): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#decisions.append(entry, { resolve, reject });
      else reject(this.#failure);
    });
  }
  commit(entry: CommitEntry): Promise<AppendOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#decisions.commit(entry, { resolve, reject });
      else reject(this.#failure);
    });
  }
  destroy(log: DestroyLog): Promise<DestroyOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#decisions.destroy(log, { resolve, reject });
      else reject(this.#failure);
    });
  }
  read(what: ReadLog): Promise<ReadOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined) this.#reader.read(what, resolve, reject);
      else reject(this.#failure);
    });
  }

  async expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    let expired = 0;
    for (const log of this.#table.all()) {
      const { entries } = log;
      for (let index = 0; index < entries.end && expired < maxEntries; index += 1) {
        if (entries.isHole(index) || entries.expiresAt(index) > now || entries.seqAt(index) >= log.settledSeq) continue;
        this.#table.count(log, entries.lengthAt(index), -1);
        entries.remove(index);
        expired += 1;
      }
      entries.tidy();
    }
    return Promise.resolve({ expired, more: expired === maxEntries });
  }

  async stats(): Promise<LogStats> {
    if (this.#failure !== undefined) throw this.#failure;
    return Promise.resolve(this.#table.stats());
  }

  /** Finishes what was asked before. */
  async close(): Promise<void> {
    while (this.#failure === undefined && !(this.#journal.idle && this.#decisions.comparing === 0))
      await new Promise<void>((resolve) => {
        this.#parts.schedule(resolve);
      });
    await this.#journal.close();
    await this.#segments.close();
    await this.#parts.state.close();
  }

  #openJournal({ salts, active, highest }: OpenedSegments): Journal {
    const { files, schedule, segmentBytes, random } = this.#parts;
    return new Journal(
      {
        ...{ files, schedule, segmentBytes: segmentBytes ?? SEGMENT_BYTES },
        createSalt: () => {
          const view = new DataView(random.bytes(8).buffer);
          return { mark: view.getUint32(0), seed: view.getUint32(4) };
        },
        begun: (number, salt) => {
          salts.set(number, salt);
        },
        settled: (batch) => {
          this.#settle(batch);
        },
        refused: (batches) => {
          this.#refuse(batches);
        },
        failed: (error) => {
          this.#failWith(error);
        },
      },
      active,
      highest,
    );
  }

  /** All of it is durable: readers see it from here on, and who asked is told. */
  #settle({ place, bytes, changes }: Batch): void {
    if (bytes.length > 0) this.#recent.add({ segment: place.segment, base: place.base, bytes });
    for (const change of changes) this.#settleChange(change);
    for (const { resolve, outcome } of changes) resolve(outcome);
  }

  #settleChange({ kind, log, place }: Change): void {
    if (log === undefined) return;
    switch (kind) {
      case "none":
        return;
      case "create":
        log.settledEpochs = 1;
        break;
      case "add":
        log.settledSeq += 1;
        if (place?.commit === true) log.settledEpochs += 1;
        break;
      case "destroy":
        this.#table.bury(log);
        return;
    }
    if (!log.gone) this.#table.changed(log);
  }

  /** There was no room: everything decided since is taken back, the newest first. */
  #refuse(batches: readonly Batch[]): void {
    const changes = batches.flatMap((batch) => batch.changes);
    for (const change of changes.toReversed()) this.#undo(change);
    for (const { resolve } of changes) resolve({ type: "storage-full" });
  }

  #undo({ kind, log, place }: Change): void {
    if (log === undefined) return;
    switch (kind) {
      case "none":
        break;
      case "create":
        this.#table.forget(log);
        break;
      case "add":
        if (place === undefined) break;
        if (place.commit) log.reopenEpoch();
        log.entries.removeLast(place.seq);
        log.nextSeq = place.seq;
        this.#table.count(log, place.length, -1);
        break;
      case "destroy":
        this.#table.revive(log);
        break;
    }
  }

  #failWith(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new StoreFailedError("storage failed", { cause });
    for (const { changes } of this.#journal.stop()) for (const { reject } of changes) reject(this.#failure);
    this.#fail(this.#failure);
  }
}
