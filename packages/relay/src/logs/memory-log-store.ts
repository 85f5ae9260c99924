import { equalSecrets } from "@stonechat/crypto/issuer";
import type { Entry, TokenHash } from "@stonechat/protocol";
import { mapKey } from "../map-key.ts";
import { VolatileQueue, type Schedule } from "../store/volatile-queue.ts";
import {
  entryCost,
  type AppendEntry,
  type AppendOutcome,
  type CommitEntry,
  type CreateLog,
  type CreateOutcome,
  type DestroyLog,
  type DestroyOutcome,
  type ExpireOutcome,
  type LogLimits,
  type LogStats,
  type LogStore,
  type ReadLog,
  type ReadOutcome,
} from "./log-store.ts";

interface Epoch {
  readonly readHash: TokenHash;
  readonly appendHash: TokenHash;
  readonly firstSeq: number;
  closing: Entry | undefined;
}
interface StoredEntry extends Entry {
  readonly epoch: number;
}
interface Log {
  readonly ownerHash: TokenHash | undefined;
  readonly epochs: Epoch[];
  entries: StoredEntry[];
  nextSeq: number;
  bytes: number;
}

const NOBODY = new Uint8Array(32);

/**
 * Logs in memory, for tests and the simulator. State changes only at a simulated sync, so that {@link crash} loses what a
 * real one would. Everything is a linear search: this is the slow, readable twin of the SQLite store.
 */
export class MemoryLogStore implements LogStore {
  readonly #limits: LogLimits;
  readonly #queue: VolatileQueue;
  readonly #logs = new Map<string, Log>();
  /** Pretends that the disk is full: additions are refused. */
  storageLow = false;

  constructor(limits: LogLimits, schedule?: Schedule) {
    this.#limits = limits;
    this.#queue = new VolatileQueue(schedule);
  }

  /** The power fails: see {@link VolatileQueue.crash}. The store can be used on, as if opened again. */
  crash(synced: boolean): void {
    this.#queue.crash(synced);
  }

  /** A backup: another store with what is stored at this moment. */
  copy(): MemoryLogStore {
    const copy = new MemoryLogStore(this.#limits);
    for (const [id, { epochs, entries, ...log }] of this.#logs)
      copy.#logs.set(id, { ...log, epochs: epochs.map((epoch) => ({ ...epoch })), entries: [...entries] });
    return copy;
  }

  /** Every byte that is kept, for tests that look for what must not be there. */
  rawBodies(): readonly Uint8Array[] {
    return [...this.#logs.values()].flatMap(({ entries }) => entries.map(({ body }) => body));
  }

  create(log: CreateLog): Promise<CreateOutcome> {
    return this.#queue.ask(() => this.#create(log));
  }
  append(entry: AppendEntry): Promise<AppendOutcome> {
    return this.#queue.ask(() => this.#add(entry, "message", this.#limits.logQuotaBytes));
  }
  commit(entry: CommitEntry): Promise<AppendOutcome> {
    return this.#queue.ask(() => this.#commit(entry));
  }
  read(what: ReadLog): Promise<ReadOutcome> {
    return this.#queue.ask(() => this.#read(what));
  }
  destroy(log: DestroyLog): Promise<DestroyOutcome> {
    return this.#queue.ask(() => this.#destroy(log));
  }
  expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    return this.#queue.ask(() => this.#expire(now, maxEntries));
  }
  stats(): Promise<LogStats> {
    return this.#queue.ask(() => this.#stats());
  }

  #create({ logId, readHash, appendHash, ownerHash }: CreateLog): CreateOutcome {
    if (this.storageLow) return { type: "storage-full" };
    if (this.#logs.has(mapKey(logId))) return { type: "exists" };
    const epochs: Epoch[] = [{ readHash, appendHash, firstSeq: 0, closing: undefined }];
    this.#logs.set(mapKey(logId), { ownerHash, epochs, entries: [], nextSeq: 0, bytes: 0 });
    return { type: "created" };
  }

  #add(entry: AppendEntry, kind: Entry["kind"], quota: number): AppendOutcome {
    if (this.storageLow) return { type: "storage-full" };
    const log = this.#logs.get(mapKey(entry.logId));
    const epoch =
      log === undefined ? -1 : log.epochs.findLastIndex((e) => equalSecrets(e.appendHash, entry.appendHash));
    if (log === undefined || epoch < 0) return { type: "unknown" };
    const current = epoch === log.epochs.length - 1;
    const stored = log.entries.find((e) => equalSecrets(e.entryId, entry.entryId));
    if (stored !== undefined && (current || stored.epoch === epoch)) {
      return { type: "appended", seq: stored.seq, epoch: stored.epoch, duplicate: true };
    }
    if (!current) return { type: "stale-epoch" };
    if (log.bytes + entryCost(entry.body) > quota) return { type: "full" };
    const { entryId, expiresAt, body } = entry;
    const seq = log.nextSeq;
    log.entries.push({ seq, kind, entryId, expiresAt, body: body.slice(), epoch });
    log.nextSeq += 1;
    log.bytes += entryCost(body);
    return { type: "appended", seq, epoch, duplicate: false };
  }

  #commit(entry: CommitEntry): AppendOutcome {
    const outcome = this.#add(entry, "commit", this.#limits.logQuotaBytes + this.#limits.commitHeadroomBytes);
    const log = this.#logs.get(mapKey(entry.logId));
    const open = log?.epochs.at(-1);
    if (outcome.type !== "appended" || outcome.duplicate || log === undefined || open === undefined) return outcome;
    open.closing = log.entries.at(-1);
    log.epochs.push({
      readHash: entry.nextReadHash,
      appendHash: entry.nextAppendHash,
      firstSeq: log.nextSeq,
      closing: undefined,
    });
    return outcome;
  }

  #read({ logId, readHash, from, limit, maxBytes, now }: ReadLog): ReadOutcome {
    const log = this.#logs.get(mapKey(logId));
    const number = log === undefined ? -1 : log.epochs.findLastIndex((e) => equalSecrets(e.readHash, readHash));
    const epoch = log?.epochs[number];
    if (log === undefined || epoch === undefined) return { type: "unknown" };
    const { closing, firstSeq } = epoch;
    const end = closing === undefined ? log.nextSeq : closing.seq + 1;
    const alive = log.entries.filter(({ expiresAt }) => expiresAt > now);
    if (closing !== undefined && from < end && closing.expiresAt <= now) {
      return { type: "expired-before", seq: alive[0]?.seq ?? log.nextSeq };
    }
    const start = Math.max(from, firstSeq);
    const wanted = alive.filter(({ seq }) => seq >= start && seq < end);
    const entries: Entry[] = [];
    let bytes = 0;
    for (const { epoch: _, ...entry } of wanted) {
      if (entries.length === limit || (entries.length > 0 && bytes + entry.body.length > maxBytes)) break;
      bytes += entry.body.length;
      entries.push(entry);
    }
    const next = limit === 0 ? start : (wanted[entries.length]?.seq ?? Math.max(start, end));
    return { type: "page", entries, next, end, epoch: number, endOfEpoch: closing !== undefined && next >= end };
  }

  #destroy({ logId, ownerHash }: DestroyLog): DestroyOutcome {
    const log = this.#logs.get(mapKey(logId));
    const right = equalSecrets(ownerHash, log?.ownerHash ?? NOBODY);
    if (log?.ownerHash === undefined || !right) return { type: "unknown" };
    this.#logs.delete(mapKey(logId));
    return { type: "destroyed" };
  }

  #expire(now: number, maxEntries: number): ExpireOutcome {
    let expired = 0;
    for (const log of this.#logs.values()) {
      log.entries = log.entries.filter((entry) => {
        if (entry.expiresAt > now || expired === maxEntries) return true;
        expired += 1;
        log.bytes -= entryCost(entry.body);
        return false;
      });
    }
    return { expired, more: expired === maxEntries };
  }

  #stats(): LogStats {
    const logs = [...this.#logs.values()];
    const sum = (of: (log: Log) => number): number => logs.reduce((total, log) => total + of(log), 0);
    return { logs: logs.length, entries: sum(({ entries }) => entries.length), bytes: sum(({ bytes }) => bytes) };
  }
}
