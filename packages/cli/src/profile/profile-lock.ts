import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;

/** The right to open a profile's core. Given back by {@link ProfileLock.release}, or by the system when the process ends, however it ends. */
export interface ProfileLock {
  release(): void;
}

/**
 * Takes the lock, or gives undefined at once if another process (or another part of this one) holds it.
 *
 * Node offers no file lock of the system; SQLite does, on every system: an exclusive transaction on an empty database
 * that is never written. `kill -9` frees it, so there is no stale lock to guess about.
 */
export function tryLock(path: string): ProfileLock | undefined {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return {
    release: () => {
      database.close();
    },
  };
}
