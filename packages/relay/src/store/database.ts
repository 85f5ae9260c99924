import { DatabaseSync } from "node:sqlite";
import { SCHEMA, SCHEMA_VERSION, SEGMENTS_VERSION } from "./schema.ts";

/** The data folder was written by a newer relay. */
export class NewerFormatError extends Error {
  override readonly name = "NewerFormatError";
  readonly code = "newer-format";

  constructor(found: number) {
    super(
      `the data folder has format ${String(found)}, this relay knows formats up to ${String(SEGMENTS_VERSION)}: install the newer version again`,
    );
  }
}

/** How long a batch waits for another program that writes, which none should. */
export const BUSY_TIMEOUT_MS = 2000;

/**
 * Opens the relay's database, making it when absent.
 *
 * Write-ahead log with `synchronous=FULL`: a commit returns after its sync. Both that and `secure_delete` are read back,
 * because SQLite ignores what it does not understand. Checkpoints are made by hand, between batches.
 *
 * @param format - Which version the folder has afterwards, if it had a lower one.
 * @throws {@link NewerFormatError}; whatever SQLite says about a file it cannot use.
 */
export function openDatabase(path: string, format: number = SCHEMA_VERSION): DatabaseSync {
  const db = new DatabaseSync(path, { enableForeignKeyConstraints: false, timeout: BUSY_TIMEOUT_MS });
  try {
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA wal_autocheckpoint=0;");
    db.exec("PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA mmap_size=0;");
    assertPragma(db, "journal_mode", "wal");
    assertPragma(db, "synchronous", 2);
    assertPragma(db, "secure_delete", 1);
    prepareSchema(db, format);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** @throws Error when a setting that durability or erasure depends on did not take effect. */
function assertPragma(db: DatabaseSync, name: string, expected: string | number): void {
  const value = db.prepare(`PRAGMA ${name}`).get()?.[name];
  if (value !== expected) throw new Error(`SQLite refused the setting ${name}`);
}

function prepareSchema(db: DatabaseSync, format: number): void {
  const version = versionOf(db);
  if (version > SEGMENTS_VERSION) throw new NewerFormatError(version);
  if (version >= format) return;
  db.exec(`BEGIN IMMEDIATE; ${version === 0 ? SCHEMA : ""} PRAGMA user_version=${String(format)}; COMMIT;`);
}

/** The version of a database's layout; 0 for one that is new. */
export function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
