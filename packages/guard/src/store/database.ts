import { closeSync, fsyncSync, ftruncateSync, openSync, statSync, writeSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const SCHEMA_VERSION = 1;
/** `id` is SHA-256 of the record's id. Without a body the record is dead. */
const SCHEMA = "CREATE TABLE record (pk INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, body BLOB) STRICT;";
const ZEROS = new Uint8Array(64 * 1024);
/** A rollback journal that a burst has made longer is cut after it was overwritten. */
const MAX_JOURNAL_BYTES = 1024 * 1024;

/** The data folder was written by a newer guard. */
export class NewerFormatError extends Error {
  override readonly name = "NewerFormatError";
  readonly code = "newer-format";

  constructor() {
    super("the data folder was written by a newer guard: install the newer version again");
  }
}

/**
 * Opens a guard's database, making it when absent.
 *
 * [Note: Why a guard keeps no write-ahead log] A guard is trusted to forget. What is overwritten in the database file is
 * gone from it (`secure_delete`), but whatever makes a commit atomic first puts the old or the new pages somewhere else.
 * A write-ahead log would hold many versions of a page, for as long as it takes to be copied back. A rollback journal
 * holds only those of the last transaction, always at the same place: it is kept (`PERSIST`) and {@link eraseJournal}
 * overwrites it before anything is answered. What a drive keeps beside that is another matter: OPERATING.md.
 *
 * @throws {@link NewerFormatError}; whatever SQLite says about a file it cannot use.
 */
export function openDatabase(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: 0 });
  try {
    db.exec("PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=PERSIST; PRAGMA synchronous=FULL;");
    db.exec("PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0;");
    assertPragma(db, "locking_mode", "exclusive");
    assertPragma(db, "journal_mode", "persist");
    assertPragma(db, "synchronous", 2);
    assertPragma(db, "secure_delete", 1);
    prepareSchema(db);
    // What a crash left behind was rolled back by now.
    eraseJournal(path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Overwrites what the rollback journal of the last transaction still holds. Between transactions only. */
export function eraseJournal(path: string): void {
  const journal = `${path}-journal`;
  const size = statSync(journal, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return;
  const file = openSync(journal, "r+");
  try {
    for (let at = 0; at < size;) at += writeSync(file, ZEROS, 0, Math.min(ZEROS.length, size - at), at);
    fsyncSync(file);
    if (size > MAX_JOURNAL_BYTES) ftruncateSync(file, 0);
  } finally {
    closeSync(file);
  }
}

/** @throws Error when a setting that durability or erasure depends on did not take effect: SQLite ignores what it does not know. */
function assertPragma(db: DatabaseSync, name: string, expected: string | number): void {
  const value = db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (value !== expected) throw new Error(`SQLite refused the setting ${name}`);
}

function prepareSchema(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > SCHEMA_VERSION) throw new NewerFormatError();
  if (version === SCHEMA_VERSION) return;
  db.exec(`BEGIN IMMEDIATE; ${SCHEMA} PRAGMA user_version=${String(SCHEMA_VERSION)}; COMMIT;`);
}
