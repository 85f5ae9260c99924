export type { BlockFile } from "./ports/block-file.ts";
export { isBlockFileName, type BlockFiles } from "./ports/block-files.ts";
export { after, parseInstant, type Clock, type Instant, type Timer } from "./ports/clock.ts";
export { StorageError, type StorageErrorCode } from "./ports/storage-error.ts";
export {
  CHECKPOINT_LOG_BYTES,
  openDatabase,
  PAGE_BYTES,
  type Database,
  type DatabaseSettings,
  type Transaction,
} from "./vault/database.ts";
export type { Migration } from "./vault/migrations.ts";
export type { SqlParameter, SqlRow, SqlValue } from "./vault/sql-value.ts";
export { loadSqlite, type Sqlite, type SqliteWasm } from "./vault/sqlite-module.ts";
