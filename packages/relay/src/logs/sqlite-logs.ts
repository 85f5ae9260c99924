import type { DatabaseSync, StatementSync } from "node:sqlite";
import { equalSecrets } from "@stonechat/crypto/issuer";
import { LogCache, type LogRow } from "./log-cache.ts";
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
  type LogStats,
} from "./log-store.ts";

export const MESSAGE = 1;
export const COMMIT = 2;
/** Compared with when there is no log, so that absent and wrong take the same path. No SHA-256 we know of is all zero. */
const NOBODY = new Uint8Array(32);

/** How long a closed epoch's hashes outlive its commit, so that its late readers are told what happened: 90 days. */
export const CLOSED_EPOCH_KEPT_MS = 90 * 24 * 3600 * 1000;

/**
 * The writing half of the logs in SQLite. All methods are synchronous and must run inside the caller's transaction:
 * every check and the change it allows are one step. After a rollback the caller calls {@link forget}.
 */
export class SqliteLogs {
  #limits: LogLimits;
  /** Counting them anew would keep appends waiting for seconds where there are many: it is done once. */
  #entries: number | undefined;
  readonly #rows: LogCache;
  readonly #insertLog: StatementSync;
  readonly #insertEpoch: StatementSync;
  readonly #closeEpoch: StatementSync;
  readonly #insertEntry: StatementSync;
  readonly #selectEntry: StatementSync;
  readonly #selectAppender: StatementSync;
  readonly #updateLog: StatementSync;
  readonly #destroy: readonly StatementSync[];
  readonly #stats: StatementSync;
  readonly #countEntries: StatementSync;

  constructor(db: DatabaseSync, limits: LogLimits) {
    this.#limits = limits;
    this.#rows = new LogCache(db);
    this.#insertLog = db.prepare(
      "INSERT INTO log (id, owner_hash, epoch, next_seq, bytes) VALUES (?, ?, 0, 0, 0) ON CONFLICT DO NOTHING",
    );
    this.#insertEpoch = db.prepare(
      "INSERT INTO epoch (log, number, read_hash, append_hash, first_seq) VALUES (?, ?, ?, ?, ?)",
    );
    this.#closeEpoch = db.prepare(
      "UPDATE epoch SET closing_seq = ?, closing_expires_at = ?, closed_until = ? WHERE log = ? AND number = ?",
    );
    this.#insertEntry = db.prepare(
      "INSERT INTO entry (log, seq, epoch, kind, entry_id, expires_at, body) VALUES (?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#selectEntry = db.prepare("SELECT seq, epoch FROM entry WHERE log = ? AND entry_id = ?");
    this.#selectAppender = db.prepare(
      "SELECT number FROM epoch WHERE log = ? AND append_hash = ? ORDER BY number DESC LIMIT 1",
    );
    this.#updateLog = db.prepare("UPDATE log SET epoch = ?, next_seq = ?, bytes = ? WHERE pk = ?");
    this.#destroy = [
      "INSERT INTO doomed (log) VALUES (?)",
      "DELETE FROM epoch WHERE log = ?",
      "DELETE FROM log WHERE pk = ?",
    ].map((sql) => db.prepare(sql));
    this.#stats = db.prepare("SELECT count(*) AS logs, coalesce(sum(bytes), 0) AS bytes FROM log");
    this.#countEntries = db.prepare("SELECT count(*) AS entries FROM entry");
  }

  /** From now on these hold; logs that are fuller already stay as they are. */
  setLimits(limits: LogLimits): void {
    this.#limits = limits;
  }

  create(log: CreateLog): CreateOutcome {
    const { changes, lastInsertRowid } = this.#insertLog.run(log.logId, log.ownerHash ?? null);
    if (changes === 0) return { type: "exists" };
    this.#insertEpoch.run(lastInsertRowid, 0, log.readHash, log.appendHash, 0);
    return { type: "created" };
  }

  append(entry: AppendEntry): AppendOutcome {
    return this.#add(entry, MESSAGE, this.#limits.logQuotaBytes);
  }

  commit(entry: CommitEntry): AppendOutcome {
    const outcome = this.#add(entry, COMMIT, this.#limits.logQuotaBytes + this.#limits.commitHeadroomBytes);
    if (outcome.type !== "appended" || outcome.duplicate) return outcome;
    const row = this.#rows.find(entry.logId);
    if (row === undefined) throw new RangeError("a log vanished inside its transaction");
    this.#closeEpoch.run(outcome.seq, entry.expiresAt, entry.expiresAt + CLOSED_EPOCH_KEPT_MS, row.pk, row.epoch);
    row.epoch += 1;
    row.appendHash = entry.nextAppendHash;
    this.#insertEpoch.run(row.pk, row.epoch, entry.nextReadHash, entry.nextAppendHash, row.nextSeq);
    return outcome;
  }

  destroy({ logId, ownerHash }: DestroyLog): DestroyOutcome {
    const row = this.#rows.find(logId);
    const right = equalSecrets(ownerHash, row?.ownerHash ?? NOBODY);
    if (row?.ownerHash === undefined || !right) return { type: "unknown" };
    for (const statement of this.#destroy) statement.run(row.pk);
    this.#rows.drop(logId);
    return { type: "destroyed" };
  }

  /** Told by expiry how many entries it erased. */
  erased(count: number): void {
    if (this.#entries !== undefined) this.#entries -= count;
  }

  /** Told by expiry that a log got smaller. */
  released(log: number, bytes: number): void {
    this.#rows.release(log, bytes);
  }

  /** Writes what changed in the rows of logs. Call it before COMMIT. */
  flush(): void {
    for (const row of this.#rows.takeChanged()) this.#updateLog.run(row.epoch, row.nextSeq, row.bytes, row.pk);
  }

  /** The transaction was rolled back: what is remembered may be wrong. */
  forget(): void {
    this.#rows.clear();
    this.#entries = undefined;
  }

  stats(): LogStats {
    const row = this.#stats.get();
    this.#entries ??= Number(this.#countEntries.get()?.["entries"]);
    return { logs: Number(row?.["logs"]), entries: this.#entries, bytes: Number(row?.["bytes"]) };
  }

  #add(entry: AppendEntry, kind: number, quota: number): AppendOutcome {
    const row = this.#rows.find(entry.logId);
    const current = equalSecrets(entry.appendHash, row?.appendHash ?? NOBODY);
    if (row === undefined) return { type: "unknown" };
    if (!current) return this.#retryOfOldEpoch(row, entry);
    const cost = entryCost(entry.body);
    if (row.bytes + cost > quota) return this.#stored(row.pk, entry) ?? { type: "full" };
    const { changes } = this.#insertEntry.run(
      row.pk,
      row.nextSeq,
      row.epoch,
      kind,
      entry.entryId,
      entry.expiresAt,
      entry.body,
    );
    if (changes === 0) {
      const before = this.#stored(row.pk, entry);
      if (before === undefined) throw new RangeError("two entries of a log at one position");
      return before;
    }
    const seq = row.nextSeq;
    row.nextSeq += 1;
    row.bytes += cost;
    if (this.#entries !== undefined) this.#entries += 1;
    this.#rows.changed(row);
    return { type: "appended", seq, epoch: row.epoch, duplicate: false };
  }

  #retryOfOldEpoch(row: LogRow, entry: AppendEntry): AppendOutcome {
    const number = this.#selectAppender.get(row.pk, entry.appendHash)?.["number"];
    if (number === undefined) return { type: "unknown" };
    const before = this.#stored(row.pk, entry);
    return before?.epoch === number ? before : { type: "stale-epoch" };
  }

  #stored(
    log: number,
    { entryId }: { readonly entryId: Uint8Array },
  ): (AppendOutcome & { type: "appended" }) | undefined {
    const found = this.#selectEntry.get(log, entryId);
    if (found === undefined) return undefined;
    return { type: "appended", seq: Number(found["seq"]), epoch: Number(found["epoch"]), duplicate: true };
  }
}
