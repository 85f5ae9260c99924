export * from "./client-api.ts";
export { createClient, type ClientPorts } from "./client.ts";
export type { CorePorts } from "./core-ports.ts";
export type { Mls } from "./mls/contract.ts";
export type { Socket, SocketEvents, Transport } from "./ports/transport.ts";
export type { BlockFile } from "./ports/block-file.ts";
export { isBlockFileName, type BlockFiles } from "./ports/block-files.ts";
export type { GuardTransport } from "./ports/guard-transport.ts";
export type { OpenVault, VaultBytes, VaultDoor, VaultFiles } from "./vault/open-vault.ts";
export { createRelayedGuards, postToGuard } from "./vault/guards/http-guard-transport.ts";
export { createRehearsalDoor, createVaultDoor, type DoorPorts, type Stretch } from "./vault/door/index.ts";
export { after, parseInstant, type Clock, type Timer } from "./ports/clock.ts";
export { StorageError, type StorageErrorCode } from "./ports/storage-error.ts";
export {
  CHECKPOINT_LOG_BYTES,
  openDatabase,
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
export { Cancellation } from "./attachments/cancellation.ts";
export { downloadBlob, type BlobDownload } from "./attachments/download-blob.ts";
export { openFile, type FileDescription } from "./attachments/open-file.ts";
export { sealFile, type FileSecrets, type OnProgress, type SealedFile } from "./attachments/seal-file.ts";
export { createRevokeRecord } from "./recovery/revoke-by-guards.ts";
export type { RevokeRecord } from "./recovery/revocations.ts";
export { restoreTravel, type TravelPorts } from "./travel/restore-travel.ts";
export { uploadBlob, type BlobUpload, type TransferPorts } from "./attachments/upload-blob.ts";
/** The platform hands randomness in; this is the one that real platforms hand. */
export { initCrypto, systemRandom, type Random } from "@stonechat/crypto";
