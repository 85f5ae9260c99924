import { accessSync, chmodSync, constants, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** A server cannot start on this data folder. The message is for the operator; it names no path. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
  readonly code: "missing" | "not-a-folder" | "not-writable" | "wrong-owner" | "too-open" | "in-use" | "unfinished";

  constructor(code: DataFolderError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A data folder that this process alone uses until `release`. */
export interface DataFolderLock {
  release(): void;
}

/**
 * Takes the data folder, making it when only its last part is absent.
 *
 * The lock is one that the operating system gives back when the process ends in whatever way: an exclusive transaction on
 * `lock.sqlite`. @throws {@link DataFolderError}.
 *
 * @param server - What kind of server it is for, in a word of ours: for the message.
 */
export function lockDataFolder(folder: string, server: string): DataFolderLock {
  prepare(folder);
  const lock = takeLock(join(folder, "lock.sqlite"), server);
  return {
    release: () => {
      lock.close();
    },
  };
}

function prepare(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "ENOENT")
      throw new DataFolderError("missing", "the folder above the data folder does not exist", { cause: error });
    if (codeOf(error) !== "EEXIST")
      throw new DataFolderError("not-writable", "the data folder cannot be made here", { cause: error });
  }
  const stat = statSync(folder);
  if (!stat.isDirectory()) throw new DataFolderError("not-a-folder", "the data folder is not a folder");
  const user = process.getuid?.();
  if (user !== undefined && stat.uid !== user)
    throw new DataFolderError("wrong-owner", "the data folder belongs to another user");
  if (user !== undefined && (stat.mode & 0o077) !== 0) {
    // An empty folder, as `mkdir` makes it, is closed to others by us. What holds something may have been read already.
    if (readdirSync(folder).length === 0) chmodSync(folder, 0o700);
    else throw new DataFolderError("too-open", "the data folder can be read by others: chmod 700 it");
  }
  try {
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataFolderError("not-writable", "the data folder cannot be written to", { cause: error });
  }
}

function takeLock(path: string, server: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path, { timeout: 0 });
    lock.exec("PRAGMA journal_mode=DELETE; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    // SQLITE_BUSY and SQLITE_LOCKED: someone holds it.
    const held = error instanceof Error && "errcode" in error && (error.errcode === 5 || error.errcode === 6);
    if (held) throw new DataFolderError("in-use", `another ${server} uses this data folder`, { cause: error });
    throw new DataFolderError("not-writable", "the data folder cannot be locked", { cause: error });
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
