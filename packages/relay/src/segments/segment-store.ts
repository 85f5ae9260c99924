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
import { Latencies } from "../operating/status/latencies.ts";
import { MAX_BACKLOG, type StoreHealth } from "../operating/store-upkeep.ts";
import { StoreFailedError } from "../store/relay-store.ts";
import type { Batch } from "./batch.ts";
import { Buffers } from "./buffers.ts";
import { settleChange, undoChange } from "./changes.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Decisions } from "./decisions.ts";
import type { Fingerprints } from "./fingerprint.ts";
import { readIndex, rebuildIndex } from "./index-files.ts";
import { Journal } from "./journal.ts";
import type { LogTable } from "./log-table.ts";
import { OpenSegments } from "./open-segments.ts";
import { PageReader } from "./page-reader.ts";
import { RecentBytes } from "./recent-bytes.ts";
import { DamagedEntryError } from "./segment-errors.ts";
import { SegmentExpiry } from "./segment-expiry.ts";
import type { SegmentFiles } from "./segment-files.ts";
import { regionOf, type SegmentSalt } from "./segment-format.ts";
import type { SegmentIndex } from "./segment-index.ts";
import type { Segment, SegmentList } from "./segment-list.ts";
import { loadSegments, type LoadedSegments } from "./segment-loading.ts";
import { indexName, segmentName } from "./segment-names.ts";
import type { SegmentState } from "./segment-state.ts";
import { Sweeper } from "./sweeper.ts";

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
  /** Milliseconds that only ever grow; the process's own by default. */
  readonly elapsed?: () => number;
  /** A segment that has grown to this many bytes is followed by a new one. */
  readonly segmentBytes?: number;
  /** How many of the newest bytes are kept in memory. */
  readonly recentBytes?: number;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const RECENT_BYTES = 16 * 1024 * 1024;
const FREE_SPACE_INTERVAL_MS = 500;

/** Files that stay as they are until `release`: each with how many of its first bytes count. */
export interface HeldFiles {
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
  readonly release: () => void;
}

/** Logs in segment files: see segment-format.ts for what stands in them, and journal.ts for how they grow. */
export class SegmentStore implements LogStore {
  /** Settles with the error when storage fails; never otherwise. */
  readonly failed: Promise<StoreFailedError>;
  /** Expiry lets others have their turn as often as they need it. */
  readonly expirySlice = 20_000;
  /** Entries and records that were found damaged since the opening. */
  damaged = 0;
  readonly #parts: SegmentStoreParts;
  readonly #table: LogTable;
  readonly #segments: SegmentList;
  readonly #journal: Journal;
  readonly #recent: RecentBytes;
  readonly #open: OpenSegments;
  readonly #reader: PageReader;
  readonly #decisions: Decisions;
  readonly #checkpoints: Checkpoints;
  readonly #sweeper: Sweeper;
  readonly #expiry: SegmentExpiry;
  readonly #fail: (error: StoreFailedError) => void;
  readonly #syncs = new Latencies();
  readonly #buffers = new Buffers();
  #reserveBytes: number;
  #lookedAt = -Infinity;
  #failure: StoreFailedError | undefined;

  private constructor(parts: SegmentStoreParts, loaded: LoadedSegments) {
    this.#parts = parts;
    this.#reserveBytes = parts.reserveBytes;
    const { promise, resolve } = Promise.withResolvers<StoreFailedError>();
    this.failed = promise;
    this.#fail = resolve;
    const { table, segments, fingerprints, saved } = loaded;
    const { files, state, limits } = parts;
    const open = new OpenSegments(files);
    const recent = new RecentBytes(parts.recentBytes ?? RECENT_BYTES, this.#buffers);
    const reader = new PageReader({ table, recent, segments: open, saltOf: (number) => segments.get(number)?.salt });
    const journal = this.#openJournal(loaded);
    const checkpoints = new Checkpoints(
      { state, table, segments, journal, fingerprintKey: saved.fingerprintKey },
      saved.coveredBefore,
    );
    const loadIndex = (segment: Segment): Promise<SegmentIndex | undefined> => this.#loadIndex(segment, fingerprints);
    this.#decisions = new Decisions({ table, recent, reader, fingerprints, journal, limits });
    this.#expiry = new SegmentExpiry({
      ...{ table, segments, loadIndex, elapsed: parts.elapsed ?? processTime },
      breathe: () => this.#nextTurn(),
    });
    this.#sweeper = new Sweeper({
      ...{ files, table, segments, open, recent, journal, checkpoints, loadIndex },
      createSalt: () => createSalt(parts.random),
      failed: (error) => {
        this.#failWith(error);
      },
      damaged: () => {
        this.damaged += 1;
      },
    });
    this.#table = table;
    this.#segments = segments;
    this.#journal = journal;
    this.#recent = recent;
    this.#open = open;
    this.#reader = reader;
    this.#checkpoints = checkpoints;
  }

  /** Loads what is there. Close it when done. @throws DamagedSegmentError; what the disk says. */
  static async open(parts: SegmentStoreParts): Promise<SegmentStore> {
    const store = new SegmentStore(parts, await loadSegments(parts));
    await store.#look();
    store.#sweeper.wake();
    return store;
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

  /** @throws DamagedEntryError when an entry of the page does not match its checksum. */
  read(what: ReadLog): Promise<ReadOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure === undefined)
        this.#reader.read(what, resolve, (error) => {
          if (error instanceof DamagedEntryError) this.damaged += 1;
          reject(error instanceof Error ? error : new Error("reading failed", { cause: error }));
        });
      else reject(this.#failure);
    });
  }

  /** What it takes out of the logs is erased from the disk soon after: see {@link swept}. */
  async expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    if (this.#failure !== undefined) throw this.#failure;
    const outcome = await this.#expiry.expire(now, maxEntries);
    if (outcome.expired > 0) this.#sweeper.wake();
    return outcome;
  }

  async stats(): Promise<LogStats> {
    if (this.#failure !== undefined) throw this.#failure;
    return Promise.resolve(this.#table.stats());
  }

  /** What an operator wants to know. `now` in milliseconds since 1970. */
  health(now: number): StoreHealth {
    const { elapsed = processTime } = this.#parts;
    const waiting = this.#segments.all().reduce((sum, segment) => sum + segment.backlog(now), 0);
    return {
      syncs: this.#syncs.summary(elapsed()),
      expiryBacklog: Math.min(waiting, MAX_BACKLOG),
      checkpointLagBytes: this.#checkpoints.lagBytes,
      damagedEntries: this.damaged,
    };
  }

  /** From now on these hold. What is stored already stays. */
  setLimits(limits: LogLimits, reserveBytes: number): void {
    this.#decisions.limits = limits;
    this.#reserveBytes = reserveBytes;
    this.#lookedAt = -Infinity;
    if (reserveBytes === 0) this.#decisions.storageLow = false;
    void this.#look();
  }

  /**
   * Names the files that together are the store as it is now, and keeps them as they are but for what is appended and
   * erased. Call `release` when they were copied.
   */
  async hold(): Promise<HeldFiles> {
    const release = await this.#sweeper.hold();
    const files = this.#segments.all().flatMap((segment) => {
      const { number, end, sealed, index } = segment;
      const own = { name: segmentName(number), bytes: end };
      const indexed = sealed && index === undefined ? [{ name: indexName(number), bytes: segment.indexBytes }] : [];
      return [own, ...indexed];
    });
    return { files, release };
  }

  /** Resolves when everything that died is erased from the disk, as far as there was room to do it. */
  swept(): Promise<void> {
    return this.#sweeper.idle();
  }

  /** Finishes what was asked before, and saves what makes the next start quick. */
  async close(): Promise<void> {
    while (this.#failure === undefined && !(this.#journal.idle && this.#decisions.comparing === 0))
      await this.#nextTurn();
    if (this.#failure === undefined) this.#sweeper.wakeForCheckpoint();
    await this.#sweeper.stop();
    await this.#journal.close();
    await this.#open.close();
    await this.#parts.state.close();
  }

  #nextTurn(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.schedule(resolve);
    });
  }

  #openJournal({ segments, active, highest }: LoadedSegments): Journal {
    const { files, schedule, segmentBytes, random, elapsed = processTime } = this.#parts;
    return new Journal(
      {
        ...{ files, schedule, elapsed, buffers: this.#buffers, segmentBytes: segmentBytes ?? SEGMENT_BYTES },
        synced: (tookMs) => {
          this.#syncs.record(tookMs, elapsed());
        },
        createSalt: () => createSalt(random),
        begun: (number, salt) => {
          segments.begin(number, salt);
          this.#sweeper.wakeForCheckpoint();
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
    const segment = this.#segments.get(place.segment);
    if (segment !== undefined && bytes.length > 0) {
      segment.end = place.base + bytes.length;
      this.#segments.newestBatch = place;
      this.#recent.add({ segment: place.segment, base: place.base, bytes });
    }
    for (const change of changes) settleChange(change, segment, this.#table, this.#segments);
    if (changes.some(({ kind }) => kind === "destroy")) this.#sweeper.wake();
    for (const { resolve, outcome } of changes) resolve(outcome);
    void this.#look();
  }

  /** There was no room: everything decided since is taken back, the newest first. */
  #refuse(batches: readonly Batch[]): void {
    const changes = batches.flatMap((batch) => batch.changes);
    for (const change of changes.toReversed()) undoChange(change, this.#table);
    for (const { resolve } of changes) resolve({ type: "storage-full" });
    void this.#look();
  }

  /** Looks now and then whether there is room. Where that cannot be told, the disk itself will refuse. */
  async #look(): Promise<void> {
    const { elapsed = processTime } = this.#parts;
    const now = elapsed();
    if (this.#reserveBytes === 0 || now - this.#lookedAt < FREE_SPACE_INTERVAL_MS) return;
    this.#lookedAt = now;
    try {
      this.#decisions.storageLow = (await this.#parts.files.freeBytes()) < this.#reserveBytes;
    } catch (error) {
      this.#failWith(error);
    }
  }

  async #loadIndex(segment: Segment, fingerprints: Fingerprints): Promise<SegmentIndex | undefined> {
    if (segment.index !== undefined) return segment.index;
    try {
      const index = await readIndex(this.#parts.files, segment);
      if (index !== undefined) return index;
      return (segment.index ??= await this.#open.use(segment.number, (file) =>
        rebuildIndex(file, segment, fingerprints),
      ));
    } catch (error) {
      if (this.#segments.get(segment.number) !== segment) return undefined;
      throw error;
    }
  }

  #failWith(cause: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = new StoreFailedError("storage failed", { cause });
    this.#decisions.failure = this.#failure;
    for (const { changes } of this.#journal.stop()) for (const { reject } of changes) reject(this.#failure);
    this.#fail(this.#failure);
  }
}

function processTime(): number {
  return performance.now();
}

function createSalt(random: Random): SegmentSalt {
  const { view } = regionOf(random.bytes(8));
  return { mark: view.getUint32(0), seed: view.getUint32(4) };
}
