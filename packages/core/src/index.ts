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
export type {
  AnnounceOutcome,
  BlobAnnouncing,
  BlobTransport,
  ReadOutcome,
  StatusOutcome,
  Unavailable,
  UnknownBlob,
  WriteOutcome,
} from "./ports/blob-transport.ts";
export { createFetchHttp, type Fetch, type FetchResponse } from "./ports/fetch-http.ts";
export type { FilePort, FileSink, FileSource } from "./ports/file-port.ts";
export type { Http, HttpRequest, HttpResponse } from "./ports/http.ts";
export { AttachmentError, type AttachmentErrorCode } from "./attachments/attachment-error.ts";
export { createHttpBlobTransport } from "./attachments/http-blob-transport.ts";
