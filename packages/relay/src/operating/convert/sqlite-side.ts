import { existsSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { entryCost } from "../../logs/log-store.ts";
import { CLOSED_EPOCH_KEPT_MS, COMMIT, MESSAGE } from "../../logs/sqlite-logs.ts";
import type { SegmentEpoch } from "../../segments/epoch-list.ts";
import { newEpoch } from "../../segments/segment-log.ts";
import type { Counts, KeptLog } from "./kept-log.ts";

/** Tables that move between the stores. All others stay in the database. */
const MOVED = ["log", "epoch", "entry", "doomed"];
/** Stands for the hash of an epoch that nobody can show a token for any more. */
const NO_HASH = new Uint8Array(32);

/** A log of the database, and the number that its rows have. */
export interface StoredLog extends KeptLog {
  readonly pk: number;
}

/** An entry of the database. */
export interface StoredEntry {
  readonly log: number;
  readonly seq: number;
  readonly commit: boolean;
  readonly entryId: Uint8Array;
  readonly expiresAt: number;
  readonly body: Uint8Array;
}

export function countRows(db: DatabaseSync): Counts {
  const row = db
    .prepare(
      "SELECT (SELECT count(*) FROM log) AS logs, count(*) AS entries, " +
        `coalesce(sum(length(body) + ${String(entryCost({ length: 0 }))}), 0) AS bytes ` +
        "FROM entry WHERE log IN (SELECT pk FROM log)",
    )
    .get();
  return { logs: Number(row?.["logs"]), entries: Number(row?.["entries"]), bytes: Number(row?.["bytes"]) };
}

/** All logs, each with its epochs. Those that were destroyed are not among them. */
export function* readLogs(db: DatabaseSync): Generator<StoredLog> {
  const epochs = db.prepare("SELECT * FROM epoch WHERE log = ? ORDER BY number");
  for (const row of db.prepare("SELECT pk, id, owner_hash, next_seq FROM log ORDER BY pk").iterate()) {
    const pk = Number(row["pk"]);
    const ownerHash = row["owner_hash"];
    yield {
      ...{ pk, logId: bytesOf(row["id"]), ownerHash: ownerHash === null ? undefined : bytesOf(ownerHash) },
      ...{ ...epochsOf(epochs, pk), nextSeq: Number(row["next_seq"]) },
    };
  }
}

/** All entries of logs that are there, in the order in which they were stored. */
export function* readEntries(db: DatabaseSync): Generator<StoredEntry> {
  const rows = db
    .prepare(
      "SELECT log, seq, kind, entry_id, expires_at, body FROM entry WHERE log IN (SELECT pk FROM log) ORDER BY pk",
    )
    .iterate();
  for (const row of rows)
    yield {
      log: Number(row["log"]),
      seq: Number(row["seq"]),
      commit: Number(row["kind"]) === COMMIT,
      entryId: bytesOf(row["entry_id"]),
      expiresAt: Number(row["expires_at"]),
      body: bytesOf(row["body"]),
    };
}

/** Writes logs and entries into a database that has none. The caller begins and ends transactions. */
export class RowWriter {
  readonly #log: StatementSync;
  readonly #epoch: StatementSync;
  readonly #entry: StatementSync;
  readonly #bytes: StatementSync;

  constructor(db: DatabaseSync) {
    this.#log = db.prepare("INSERT INTO log (id, owner_hash, epoch, next_seq, bytes) VALUES (?, ?, ?, ?, 0)");
    this.#epoch = db.prepare(
      "INSERT INTO epoch (log, number, read_hash, append_hash, first_seq, closing_seq, closing_expires_at, closed_until) " +
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    );
    this.#entry = db.prepare(
      "INSERT INTO entry (log, seq, epoch, kind, entry_id, expires_at, body) VALUES (?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#bytes = db.prepare(
      "UPDATE log SET bytes = coalesce((SELECT sum(length(body) + ?) FROM entry WHERE entry.log = log.pk), 0)",
    );
  }

  /** @returns the number that its rows have. */
  addLog({ logId, ownerHash, firstEpoch, epochs, nextSeq }: KeptLog): number {
    const current = firstEpoch + epochs.length - 1;
    const pk = Number(this.#log.run(logId, ownerHash ?? null, current, nextSeq).lastInsertRowid);
    for (const [i, { hashes, firstSeq, closingSeq, closingExpiresAt }] of epochs.entries()) {
      const [read, append] = [hashes.subarray(0, 32), hashes.subarray(32)];
      const closing =
        closingSeq < 0 ? [null, null, null] : [closingSeq, closingExpiresAt, closingExpiresAt + CLOSED_EPOCH_KEPT_MS];
      this.#epoch.run(pk, firstEpoch + i, read, append, firstSeq, ...closing);
    }
    return pk;
  }

  /** @returns whether it was new: an entry may lie in two places after a crash. */
  addEntry({ log, seq, commit, entryId, expiresAt, body }: StoredEntry, epoch: number): boolean {
    return this.#entry.run(log, seq, epoch, commit ? COMMIT : MESSAGE, entryId, expiresAt, body).changes === 1;
  }

  /** When all entries are there. */
  finish(): void {
    this.#bytes.run(entryCost({ length: 0 }));
  }
}

/**
 * Makes a database with everything of another but logs and entries, for which it has empty tables. Durable is nothing of
 * it yet.
 */
export function copyWithoutLogs(from: string, to: string, format: number): void {
  removeDatabase(to);
  const db = new DatabaseSync(to);
  try {
    db.exec("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON");
    db.prepare("ATTACH DATABASE ? AS old").run(from);
    db.exec("BEGIN");
    const objects = db.prepare("SELECT type, name, sql FROM old.sqlite_schema WHERE sql IS NOT NULL").all();
    for (const { name, sql } of objects) if (!String(name).startsWith("sqlite_")) db.exec(String(sql));
    for (const { type, name } of objects) {
      if (type !== "table" || MOVED.includes(String(name)) || String(name).startsWith("sqlite_")) continue;
      db.exec(`INSERT INTO main.${quoted(String(name))} SELECT * FROM old.${quoted(String(name))}`);
    }
    // Numbers that were used are not used again, but for logs, which get new ones.
    db.exec("DELETE FROM main.sqlite_sequence");
    db.exec("INSERT INTO main.sqlite_sequence SELECT * FROM old.sqlite_sequence WHERE name <> 'log'");
    db.exec(`PRAGMA main.user_version=${String(format)}`);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}

/** Removes a database and what SQLite keeps beside it. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) if (existsSync(path + suffix)) rmSync(path + suffix);
}

function epochsOf(select: StatementSync, pk: number): Pick<KeptLog, "firstEpoch" | "epochs"> {
  const rows = select.all(pk);
  const firstEpoch = Number(rows[0]?.["number"] ?? 0);
  const epochs: SegmentEpoch[] = [];
  for (const row of rows) {
    const firstSeq = Number(row["first_seq"]);
    // Epochs are forgotten by time: after a change of retention one may be gone amid others.
    while (firstEpoch + epochs.length < Number(row["number"])) epochs.push(forgotten(epochs.at(-1), firstSeq));
    const epoch = newEpoch(bytesOf(row["read_hash"]), bytesOf(row["append_hash"]), firstSeq);
    if (row["closing_seq"] !== null) {
      epoch.closingSeq = Number(row["closing_seq"]);
      epoch.closingExpiresAt = Number(row["closing_expires_at"]);
    }
    epochs.push(epoch);
  }
  return { firstEpoch, epochs };
}

/** Nobody can read or append in it, and it holds nothing that is still there. */
function forgotten(before: SegmentEpoch | undefined, nextFirst: number): SegmentEpoch {
  const epoch = newEpoch(NO_HASH, NO_HASH, (before?.closingSeq ?? -1) + 1);
  epoch.closingSeq = Math.max(epoch.firstSeq, nextFirst - 1);
  return epoch;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** @throws RangeError for a column that is no BLOB, which ours all are. */
function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new RangeError("a column that should hold bytes does not");
}
