import { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { access, chmod, mkdir, open, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isBlockFileName, StorageError, type BlockFile, type BlockFiles } from "@stonechat/core";

/** Name of the lock file beside the block files; no block file can have it. */
export const LOCK_NAME = ".lock";
const OUT_OF_SPACE: readonly unknown[] = ["ENOSPC", "EDQUOT", "EFBIG"];

/** The block files of a folder, and the lock on it. */
export interface NodeBlockFiles extends BlockFiles {
  /** Lets others have the folder. Close its files first. */
  close(): void;
}

/**
 * Takes the folder at `path` (made if absent, for its owner only) for this process. Files are made with mode 0600.
 *
 * The lock is an exclusive lock of the operating system, held through SQLite: it ends with the process, however that ends.
 *
 * @param force - Also while another process has the folder: only for destroying what is in it.
 * @throws StorageError `busy` if another holder has the folder, `io` if it cannot be made or read.
 */
export async function openNodeBlockFiles(path: string, force = false): Promise<NodeBlockFiles> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await chmod(path, 0o700);
    const handle = await open(join(path, LOCK_NAME), "a", 0o600);
    await handle.close();
  } catch (error) {
    throw toStorageError("open folder", error);
  }
  try {
    return new FolderFiles(path, takeLock(join(path, LOCK_NAME)));
  } catch (error) {
    if (!force) throw error;
    return new FolderFiles(path, undefined);
  }
}

function takeLock(path: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(path);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock?.close();
    throw new StorageError("busy", "lock folder", error);
  }
}

class FolderFiles implements NodeBlockFiles {
  readonly #path: string;
  readonly #lock: DatabaseSync | undefined;
  readonly #open = new Set<string>();

  constructor(path: string, lock: DatabaseSync | undefined) {
    this.#path = path;
    this.#lock = lock;
  }

  async open(name: string): Promise<BlockFile> {
    const path = this.#pathOf(name);
    if (this.#open.has(name)) throw new StorageError("busy", "open file");
    try {
      const isNew = !(await this.exists(name));
      // Open for reading and writing, made if absent, never cut.
      const descriptor = openSync(path, isNew ? "wx+" : "r+", 0o600);
      if (isNew) this.#flushFolder();
      this.#open.add(name);
      return new DescriptorFile(descriptor, () => this.#open.delete(name));
    } catch (error) {
      throw toStorageError("open file", error);
    }
  }

  async exists(name: string): Promise<boolean> {
    const path = this.#pathOf(name);
    try {
      await access(path);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw toStorageError("look for file", error);
    }
  }

  async delete(name: string): Promise<void> {
    const path = this.#pathOf(name);
    if (this.#open.has(name)) throw new StorageError("busy", "delete file");
    try {
      await unlink(path);
      this.#flushFolder();
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw toStorageError("delete file", error);
    }
  }

  async list(): Promise<readonly string[]> {
    try {
      const names = await readdir(this.#path);
      return names.filter(isBlockFileName).sort();
    } catch (error) {
      throw toStorageError("list files", error);
    }
  }

  close(): void {
    if (this.#lock?.isOpen === true) this.#lock.close();
  }

  #pathOf(name: string): string {
    if (!isBlockFileName(name)) throw new RangeError("not a block file name");
    return join(this.#path, name);
  }

  /** A new or removed name is durable only once its folder is. Windows cannot open folders, and needs no such call. */
  #flushFolder(): void {
    if (process.platform === "win32") return;
    const descriptor = openSync(this.#path, "r");
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }
}

class DescriptorFile implements BlockFile {
  readonly #descriptor: number;
  readonly #onClose: () => void;
  #closed = false;

  constructor(descriptor: number, onClose: () => void) {
    this.#descriptor = descriptor;
    this.#onClose = onClose;
  }

  read(into: Uint8Array, at: number): number {
    return this.#attempt("read", () => {
      let done = 0;
      while (done < into.length) {
        const read = readSync(this.#descriptor, into, done, into.length - done, at + done);
        if (read === 0) break;
        done += read;
      }
      return done;
    });
  }

  write(bytes: Uint8Array, at: number): void {
    this.#attempt("write", () => {
      let done = 0;
      while (done < bytes.length) {
        done += writeSync(this.#descriptor, bytes, done, bytes.length - done, at + done);
      }
    });
  }

  truncate(size: number): void {
    this.#attempt("truncate", () => {
      ftruncateSync(this.#descriptor, size);
    });
  }

  flush(): void {
    this.#attempt("flush", () => {
      fdatasyncSync(this.#descriptor);
    });
  }

  size(): number {
    return this.#attempt("size", () => fstatSync(this.#descriptor).size);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    closeSync(this.#descriptor);
  }

  #attempt<T>(operation: string, work: () => T): T {
    if (this.#closed) throw new StorageError("io", `${operation} a closed file`);
    try {
      return work();
    } catch (error) {
      throw toStorageError(operation, error);
    }
  }
}

/** Node's errors name the path, so only the code goes into the message; the cause is for a debugger, not for a log. */
function toStorageError(operation: string, error: unknown): StorageError {
  if (error instanceof StorageError) return error;
  const code = codeOf(error);
  return new StorageError(OUT_OF_SPACE.includes(code) ? "full" : "io", `${operation} (${String(code)})`, error);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
