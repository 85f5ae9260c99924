import { equalSecrets } from "@stonechat/crypto/issuer";
import {
  entryCost,
  type AppendEntry,
  type AppendOutcome,
  type CommitEntry,
  type CreateLog,
  type CreateOutcome,
  type DestroyLog,
  type DestroyOutcome,
  type LogLimits,
} from "../logs/log-store.ts";
import type { Change } from "./batch.ts";
import type { Fingerprints } from "./fingerprint.ts";
import type { Journal } from "./journal.ts";
import { encodeCreation } from "./log-records.ts";
import type { LogTable } from "./log-table.ts";
import type { PageReader } from "./page-reader.ts";
import { viewIn, type RecentBytes } from "./recent-bytes.ts";
import { CREATE_RECORD, DESTROY_RECORD, ENTRY_HEADER_BYTES, hasEntryId } from "./segment-format.ts";
import { newEpoch, SegmentLog } from "./segment-log.ts";

/** What decisions are made with. */
export interface DecisionsParts {
  readonly table: LogTable;
  readonly journal: Journal;
  readonly fingerprints: Fingerprints;
  readonly recent: RecentBytes;
  readonly reader: PageReader;
  readonly limits: LogLimits;
}

/** Who waits for an outcome. */
export interface Asker<T> {
  readonly resolve: (outcome: T) => void;
  readonly reject: (error: Error) => void;
}

type NextHashes = readonly [Uint8Array, Uint8Array];

/** An entry to add, who waits, and which stored entries' ids were compared with its own. */
interface Addition extends Asker<AppendOutcome> {
  readonly entry: AppendEntry;
  readonly nextHashes: NextHashes | undefined;
  readonly compared: readonly { readonly seq: number; readonly same: boolean }[];
}

/** Compared with when there is no hash. */
const NOBODY = new Uint8Array(32);
const FULL = { type: "storage-full" } as const;
const NONE: Addition["compared"] = [];
const NOT_STORED = { type: "none" } as const;

/**
 * Decides every change at once, in the order of the calls, against what was decided before. Each decision's record goes
 * into the journal, and its outcome settles when that is durable; refusals wait as well, because they tell of others.
 */
export class Decisions {
  /** Too little room to accept more. */
  storageLow = false;
  /** What is stored already may be beyond them. */
  limits: LogLimits;
  /** Set when storage failed: nothing is decided any more. */
  failure: Error | undefined;
  /** Additions that wait until an entry id was compared on the disk. */
  comparing = 0;
  readonly #parts: DecisionsParts;

  constructor(parts: DecisionsParts) {
    this.#parts = parts;
    this.limits = parts.limits;
  }

  create({ logId, readHash, appendHash, ownerHash }: CreateLog, asker: Asker<CreateOutcome>): void {
    const { table, journal } = this.#parts;
    if (this.storageLow) {
      this.#answer(asker, FULL);
      return;
    }
    if (table.find(logId) !== undefined) {
      this.#answer(asker, { type: "exists" });
      return;
    }
    const number = table.nextNumber;
    const epochs = [newEpoch(readHash, appendHash, 0)];
    const state = { number, logId: logId.slice(), ownerHash: ownerHash?.slice(), firstEpoch: 0, epochs, nextSeq: 0 };
    const log = new SegmentLog(state, false);
    const { batch } = journal;
    const record = encodeCreation(logId, readHash, appendHash, ownerHash);
    batch.addState({ type: CREATE_RECORD, log: number, state: record });
    table.add(log);
    this.#push(changeOf("create", log, asker, { type: "created" }));
  }

  append(entry: AppendEntry, { resolve, reject }: Asker<AppendOutcome>): void {
    this.#add({ entry, nextHashes: undefined, compared: NONE, resolve, reject });
  }

  commit(entry: CommitEntry, { resolve, reject }: Asker<AppendOutcome>): void {
    const nextHashes = [entry.nextReadHash, entry.nextAppendHash] as const;
    this.#add({ entry, nextHashes, compared: NONE, resolve, reject });
  }

  destroy({ logId, ownerHash }: DestroyLog, asker: Asker<DestroyOutcome>): void {
    const log = this.#parts.table.find(logId);
    const right = equalSecrets(ownerHash, log?.ownerHash ?? NOBODY);
    if (log?.ownerHash === undefined || !right) {
      this.#answer(asker, { type: "unknown" });
      return;
    }
    const { table, journal } = this.#parts;
    journal.batch.addState({ type: DESTROY_RECORD, log: log.number, state: new Uint8Array(0) });
    table.destroy(log);
    this.#push(changeOf("destroy", log, asker, { type: "destroyed" }));
  }

  #add(addition: Addition): void {
    const { entry } = addition;
    const log = this.#parts.table.find(entry.logId);
    if (log?.waiting !== undefined) {
      log.waiting.push(() => {
        this.#add(addition);
      });
      return;
    }
    if (this.storageLow) {
      this.#answer(addition, FULL);
      return;
    }
    const epoch = log?.findAppender(entry.appendHash) ?? -1;
    if (log === undefined || epoch < 0) {
      this.#answer(addition, { type: "unknown" });
      return;
    }
    const fingerprint = this.#parts.fingerprints.of(entry.entryId);
    const stored = this.#findStored(log, fingerprint, addition);
    if (stored.type === "compare") {
      this.#compare(log, stored.seq, addition);
      return;
    }
    const refusal = this.#refusal(log, epoch, stored.type === "stored" ? stored.seq : undefined, addition);
    if (refusal === undefined) this.#store(log, fingerprint, addition);
    else this.#answer(addition, refusal);
  }

  /** Why there is nothing to store: it is stored, or may not be. */
  #refusal(
    log: SegmentLog,
    epoch: number,
    stored: number | undefined,
    { entry, nextHashes }: Addition,
  ): AppendOutcome | undefined {
    const belongs = stored === undefined ? -1 : log.epochOf(stored);
    if (stored !== undefined && (epoch === log.epoch || epoch === belongs))
      return { type: "appended", seq: stored, epoch: belongs, duplicate: true };
    if (epoch !== log.epoch) return { type: "stale-epoch" };
    const { logQuotaBytes, commitHeadroomBytes } = this.limits;
    const quota = logQuotaBytes + (nextHashes === undefined ? 0 : commitHeadroomBytes);
    return log.bytes + entryCost(entry.body) > quota ? { type: "full" } : undefined;
  }

  #store(log: SegmentLog, fingerprint: number, { entry, nextHashes, resolve, reject }: Addition): void {
    const { table, journal } = this.#parts;
    const { batch } = journal;
    const { entryId, expiresAt, body } = entry;
    const { nextSeq: seq, epoch } = log;
    const commit = nextHashes !== undefined;
    const at = batch.addEntry({ log: log.number, seq, expiresAt, entryId, body, nextHashes });
    const place = { seq, segment: batch.place.segment, at, length: body.length, commit, expiresAt, fingerprint };
    log.entries.add(place);
    table.count(log, body.length, 1);
    log.nextSeq += 1;
    if (commit) log.openEpoch(seq, expiresAt, nextHashes);
    const outcome: AppendOutcome = { type: "appended", seq, epoch, duplicate: false };
    this.#push({ kind: "add", log, place, resolve: resolve as Change["resolve"], reject, outcome });
  }

  /** The stored entry with this id, none, or one that must be compared first: its fingerprint is the same. */
  #findStored(
    { entries }: SegmentLog,
    fingerprint: number,
    { entry, compared }: Addition,
  ): { readonly type: "none" } | { readonly type: "stored" | "compare"; readonly seq: number } {
    let index = entries.findFingerprint(fingerprint);
    while (index >= 0) {
      const seq = entries.seqAt(index);
      const known = compared.find((one) => one.seq === seq)?.same;
      const same = known ?? this.#sameInMemory(entries.segmentAt(index), entries.offsetAt(index), entry.entryId);
      if (same !== false) return { type: same === undefined ? "compare" : "stored", seq };
      index = entries.findFingerprint(fingerprint, index);
    }
    return NOT_STORED;
  }

  #sameInMemory(segment: number, at: number, id: Uint8Array): boolean | undefined {
    const { journal, recent } = this.#parts;
    for (const { place, bytes } of journal.open) {
      const view = viewIn({ segment: place.segment, base: place.base, bytes }, segment, at, ENTRY_HEADER_BYTES);
      if (view !== undefined) return hasEntryId(view, 0, id);
    }
    const view = recent.find(segment, at, ENTRY_HEADER_BYTES);
    return view === undefined ? undefined : hasEntryId(view, 0, id);
  }

  /** Compares on the disk and goes on. Whatever else is to be added to the log waits, so that order is kept. */
  #compare(log: SegmentLog, seq: number, addition: Addition): void {
    log.waiting = [];
    this.comparing += 1;
    const goOn = (begin: () => void): void => {
      const waiting = log.waiting ?? [];
      log.waiting = undefined;
      this.comparing -= 1;
      begin();
      for (const next of waiting) next();
    };
    this.#parts.reader.entryId(log, seq).then(
      (id) => {
        const same = id !== undefined && equalSecrets(id, addition.entry.entryId);
        goOn(() => {
          this.#add({ ...addition, compared: [...addition.compared, { seq, same }] });
        });
      },
      (error: unknown) => {
        goOn(() => {
          addition.reject(error instanceof Error ? error : new Error("comparing failed", { cause: error }));
        });
      },
    );
  }

  /** An outcome that changes nothing. It still waits: what it tells of may not be durable yet. */
  #answer<T extends Change["outcome"]>(asker: Asker<T>, outcome: T): void {
    this.#push(changeOf("none", undefined, asker, outcome));
  }

  #push(change: Change): void {
    const { journal } = this.#parts;
    if (this.failure !== undefined) {
      change.reject(this.failure);
      return;
    }
    journal.lastBatch.changes.push(change);
    journal.arm();
  }
}

function changeOf<T extends Change["outcome"]>(
  kind: "none" | "create" | "destroy",
  log: SegmentLog | undefined,
  { resolve, reject }: Asker<T>,
  outcome: T,
): Change {
  return { kind, log, place: undefined, resolve: resolve as Change["resolve"], reject, outcome };
}
