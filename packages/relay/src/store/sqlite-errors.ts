/** Result codes of SQLite (sqlite.org/rescode.html) that mean: no room now, nothing is broken. */
const FULL = 13;
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;
const DISK_FULL: ReadonlySet<number> = new Set([FULL, IOERR_WRITE, IOERR_SHMSIZE]);

/**
 * Whether SQLite failed for want of room: disk, quota or greatest file size. Everything else (a sync that failed above
 * all) means that the state on disk is not known any more, and is never retried.
 */
export function isDiskFull(error: unknown): boolean {
  return (
    error instanceof Error && "errcode" in error && typeof error.errcode === "number" && DISK_FULL.has(error.errcode)
  );
}
