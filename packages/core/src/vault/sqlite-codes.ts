/** SQLite's result codes that we tell apart; the low byte of an extended code. Source: sqlite.org/rescode.html. */
export const SQLITE_OK = 0;
export const SQLITE_BUSY = 5;
export const SQLITE_LOCKED = 6;
export const SQLITE_NOMEM = 7;
export const SQLITE_IOERR = 10;
export const SQLITE_CORRUPT = 11;
export const SQLITE_NOTFOUND = 12;
export const SQLITE_FULL = 13;
export const SQLITE_CANTOPEN = 14;
export const SQLITE_NOTADB = 26;
export const SQLITE_ROW = 100;
export const SQLITE_DONE = 101;

/** What a file layer answers, as extended codes. */
export const SQLITE_IOERR_READ = 266;
export const SQLITE_IOERR_SHORT_READ = 522;
export const SQLITE_IOERR_WRITE = 778;
export const SQLITE_IOERR_FSYNC = 1034;
export const SQLITE_IOERR_TRUNCATE = 1546;
export const SQLITE_IOERR_FSTAT = 1802;
export const SQLITE_IOERR_DELETE = 2570;

/** Types of a column's value. */
export const SQLITE_INTEGER = 1;
export const SQLITE_FLOAT = 2;
export const SQLITE_TEXT = 3;
export const SQLITE_BLOB = 4;

export const SQLITE_OPEN_READWRITE = 2;
export const SQLITE_OPEN_CREATE = 4;

/** A file cannot be deleted while it is open. */
export const SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN = 0x800;
/** A write cut short by power loss leaves the bytes beside its range alone: the promise of `BlockFile`. */
export const SQLITE_IOCAP_POWERSAFE_OVERWRITE = 0x1000;
