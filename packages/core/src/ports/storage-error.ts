/**
 * Why the client's storage refused. Public: listed in PROTOCOL.md, never renamed, never reused.
 *
 * - `full`: no space or quota left. Nothing that was stored is lost; the same call works once there is space.
 * - `io`: the device or the file system failed.
 * - `corrupt`: what is stored is not what we wrote.
 * - `busy`: another process or tab has the profile open.
 * - `newer-version`: a newer version of this program wrote it.
 */
export type StorageErrorCode = "full" | "io" | "corrupt" | "busy" | "newer-version";

/** Storage refused. The message names the operation, never a name, a path or content: safe to log. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, operation: string, cause?: unknown) {
    super(`${operation}: ${code}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
