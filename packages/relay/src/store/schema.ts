/**
 * Layout of `relay.sqlite`. Times are milliseconds since 1970; hashes are SHA-256 of tokens.
 *
 * - `log.pk` is never used twice (AUTOINCREMENT): the rows of a destroyed log wait in `doomed` until they are erased.
 * - An epoch that is closed keeps its hashes until `closed_until`, so that its readers learn that it expired.
 * - `entry.pk` grows with time, so that rows of one sync lie side by side whatever their log.
 */
export const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
CREATE TABLE log (
  pk INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, owner_hash BLOB,
  epoch INTEGER NOT NULL, next_seq INTEGER NOT NULL, bytes INTEGER NOT NULL
) STRICT;
CREATE TABLE epoch (
  log INTEGER NOT NULL, number INTEGER NOT NULL, read_hash BLOB NOT NULL, append_hash BLOB NOT NULL,
  first_seq INTEGER NOT NULL, closing_seq INTEGER, closing_expires_at INTEGER, closed_until INTEGER,
  PRIMARY KEY (log, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX epoch_reader ON epoch (log, read_hash);
CREATE INDEX epoch_appender ON epoch (log, append_hash);
CREATE INDEX epoch_over ON epoch (closed_until) WHERE closed_until IS NOT NULL;
CREATE TABLE entry (
  pk INTEGER PRIMARY KEY, log INTEGER NOT NULL, seq INTEGER NOT NULL, epoch INTEGER NOT NULL, kind INTEGER NOT NULL,
  entry_id BLOB NOT NULL, expires_at INTEGER NOT NULL, body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX entry_place ON entry (log, seq);
CREATE UNIQUE INDEX entry_once ON entry (log, entry_id);
CREATE INDEX entry_expiry ON entry (expires_at);
CREATE TABLE doomed (log INTEGER PRIMARY KEY) STRICT;
CREATE TABLE pool (
  pk INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, owner_hash BLOB NOT NULL, take_hash BLOB NOT NULL,
  last_resort BLOB, last_resort_used INTEGER NOT NULL
) STRICT;
CREATE TABLE key_package (pk INTEGER PRIMARY KEY AUTOINCREMENT, pool INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX key_package_pool ON key_package (pool, pk);
`;

/** Version of {@link SCHEMA}. A data folder with a higher one was written by a newer relay and is refused. */
export const SCHEMA_VERSION = 1;

/** Version of a folder whose logs lie in segments beside the database: an earlier relay would not see them. */
export const SEGMENTS_VERSION = 2;
