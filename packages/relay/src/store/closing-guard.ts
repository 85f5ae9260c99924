import { DatabaseSync } from "node:sqlite";

/** What holds a database open for ever: see {@link guardClosing}. */
const held = new Set<DatabaseSync>();

/**
 * Keeps SQLite from working on when a database is closed because its thread or its process ends after a failure.
 *
 * The last connection that goes away syncs the write-ahead log and copies it back. After a sync that failed this would be
 * the same sync tried again, which may succeed without anything being on the disk, and the copy could be of bytes that are
 * not. A connection that may only read and outlives the other one prevents it: SQLite leaves all files as they are.
 *
 * @returns what lets go of it. Call that, before the other connection is closed, when all went well; and only then.
 */
export function guardClosing(path: string): () => void {
  const db = new DatabaseSync(path, { readOnly: true });
  // Only a connection that has read holds its lock.
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
  held.add(db);
  return () => {
    held.delete(db);
    db.close();
  };
}
