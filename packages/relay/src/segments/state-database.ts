import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { SegmentEpoch } from "./epoch-list.ts";
import type { LogState } from "./segment-log.ts";
import type { SavedState, StateChange } from "./segment-state.ts";

/** Layout of `segments.sqlite`. `hashes` are the reader's and the appender's; times are milliseconds since 1970. */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE segment (number INTEGER PRIMARY KEY) STRICT;
CREATE TABLE log (
  number INTEGER PRIMARY KEY, id BLOB NOT NULL, owner_hash BLOB, first_epoch INTEGER NOT NULL, next_seq INTEGER NOT NULL
) STRICT;
CREATE TABLE epoch (
  log INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, first_seq INTEGER NOT NULL,
  closing_seq INTEGER NOT NULL, closing_expires_at INTEGER NOT NULL, PRIMARY KEY (log, number)
) STRICT, WITHOUT ROWID;
`;
const SCHEMA_VERSION = 1;

/** What is saved besides the logs that changed. */
export type StateRest = Omit<StateChange, "logs">;

/** The saved state in SQLite; every call blocks. */
export class StateDatabase {
  readonly #db: DatabaseSync;
  #insertLog: StatementSync | undefined;
  #insertEpoch: StatementSync | undefined;
  #deleteOver: StatementSync | undefined;

  /** Opens the file, making it when absent. Close it when done. */
  constructor(path: string) {
    const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 2000 });
    this.#db = db;
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF;");
    if (Number(db.prepare("PRAGMA user_version").get()?.["user_version"]) === SCHEMA_VERSION) return;
    db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version=${String(SCHEMA_VERSION)}; COMMIT;`);
  }

  /** @param take - Is given the logs one by one; without it they stand in the answer. */
  load(take?: (log: LogState) => void): SavedState | undefined {
    const logs: LogState[] = [];
    const meta = new Map(
      this.#db
        .prepare("SELECT key, value FROM meta")
        .all()
        .map(({ key, value }) => [key, value]),
    );
    const fingerprintKey = meta.get("fingerprint_key");
    if (!(fingerprintKey instanceof Uint8Array)) return undefined;
    for (const log of this.#loadLogs()) {
      if (take === undefined) logs.push(log);
      else take(log);
    }
    return {
      fingerprintKey,
      coveredBefore: Number(meta.get("covered_before")),
      durable: { segment: Number(meta.get("durable_segment")), end: Number(meta.get("durable_end")) },
      nextLog: Number(meta.get("next_log")),
      segments: this.#db
        .prepare("SELECT number FROM segment ORDER BY number")
        .all()
        .map(({ number }) => Number(number)),
      logs,
    };
  }

  /** Begins to save: nothing counts before {@link commit}. */
  begin(): void {
    this.#db.exec("BEGIN IMMEDIATE");
  }

  saveLogs(logs: readonly LogState[]): void {
    const db = this.#db;
    this.#insertLog ??= db.prepare(
      "INSERT INTO log (number, id, owner_hash, first_epoch, next_seq) VALUES (?, ?, ?, ?, ?) " +
        "ON CONFLICT (number) DO UPDATE SET first_epoch = excluded.first_epoch, next_seq = excluded.next_seq",
    );
    this.#insertEpoch ??= db.prepare(
      "INSERT INTO epoch (log, number, hashes, first_seq, closing_seq, closing_expires_at) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT (log, number) DO UPDATE SET closing_seq = excluded.closing_seq, " +
        "closing_expires_at = excluded.closing_expires_at WHERE closing_seq <> excluded.closing_seq",
    );
    this.#deleteOver ??= db.prepare("DELETE FROM epoch WHERE log = ? AND number < ?");
    for (const { number, logId, ownerHash, firstEpoch, nextSeq, epochs } of logs) {
      this.#insertLog.run(number, logId, ownerHash ?? null, firstEpoch, nextSeq);
      if (firstEpoch > 0) this.#deleteOver.run(number, firstEpoch);
      for (const [i, { hashes, firstSeq, closingSeq, closingExpiresAt }] of epochs.entries())
        this.#insertEpoch.run(number, firstEpoch + i, hashes, firstSeq, closingSeq, closingExpiresAt);
    }
  }

  /** All that was saved since {@link begin} counts, durably, when it returns. */
  commit(change: StateRest): void {
    this.#saveMeta(change);
    const deleteLog = this.#db.prepare("DELETE FROM log WHERE number = ?");
    const deleteEpochs = this.#db.prepare("DELETE FROM epoch WHERE log = ?");
    for (const number of change.gone) {
      deleteLog.run(number);
      deleteEpochs.run(number);
    }
    this.#db.exec("COMMIT");
  }

  /** Takes back what was saved since {@link begin}. */
  rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  close(): void {
    this.#db.close();
  }

  *#loadLogs(): Generator<LogState> {
    const epochs = this.#db.prepare("SELECT * FROM epoch ORDER BY log, number").iterate();
    let next = epochs.next();
    for (const row of this.#db.prepare("SELECT * FROM log ORDER BY number").iterate()) {
      const number = Number(row["number"]);
      const own: SegmentEpoch[] = [];
      for (; next.done !== true && Number(next.value["log"]) <= number; next = epochs.next()) {
        if (Number(next.value["log"]) === number) own.push(epochOf(next.value));
      }
      yield {
        number,
        logId: copyOf(row["id"]),
        ownerHash: row["owner_hash"] === null ? undefined : copyOf(row["owner_hash"]),
        firstEpoch: Number(row["first_epoch"]),
        epochs: own,
        nextSeq: Number(row["next_seq"]),
      };
    }
  }

  #saveMeta({ fingerprintKey, coveredBefore, durable, nextLog, segments }: StateRest): void {
    const set = this.#db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
    set.run("fingerprint_key", fingerprintKey);
    set.run("covered_before", coveredBefore);
    set.run("durable_segment", durable.segment);
    set.run("durable_end", durable.end);
    set.run("next_log", nextLog);
    this.#db.exec("DELETE FROM segment");
    const insert = this.#db.prepare("INSERT INTO segment (number) VALUES (?)");
    for (const number of segments) insert.run(number);
  }
}

/** A copy of a BLOB NOT NULL: short ones lie among the objects then, where they cost a fraction of a buffer each. */
function copyOf(blob: unknown): Uint8Array {
  return (blob as Uint8Array).slice();
}

function epochOf(row: Record<string, unknown>): SegmentEpoch {
  return {
    hashes: copyOf(row["hashes"]),
    firstSeq: Number(row["first_seq"]),
    closingSeq: Number(row["closing_seq"]),
    closingExpiresAt: Number(row["closing_expires_at"]),
  };
}
