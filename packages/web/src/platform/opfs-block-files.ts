import { isBlockFileName, StorageError, type BlockFile, type BlockFiles } from "@stonechat/core";

/**
 * The block files in a folder of the origin private file system (File System Standard, §2). Works only in a dedicated
 * worker. The browser lets one tab open a file at a time: a second one gets `busy`.
 *
 * @throws StorageError `io` if the browser gives this page no storage.
 */
export async function openOpfsBlockFiles(folder: string): Promise<BlockFiles> {
  try {
    const root = await navigator.storage.getDirectory();
    return new OpfsFiles(await root.getDirectoryHandle(folder, { create: true }));
  } catch (error) {
    throw toStorageError("open folder", error);
  }
}

class OpfsFiles implements BlockFiles {
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async open(name: string): Promise<BlockFile> {
    requireName(name);
    try {
      const file = await this.#folder.getFileHandle(name, { create: true });
      return new AccessHandleFile(await file.createSyncAccessHandle());
    } catch (error) {
      throw toStorageError("open file", error);
    }
  }

  async exists(name: string): Promise<boolean> {
    requireName(name);
    try {
      await this.#folder.getFileHandle(name);
      return true;
    } catch (error) {
      if (nameOf(error) === "NotFoundError") return false;
      throw toStorageError("look for file", error);
    }
  }

  async delete(name: string): Promise<void> {
    requireName(name);
    try {
      await this.#folder.removeEntry(name);
    } catch (error) {
      if (nameOf(error) !== "NotFoundError") throw toStorageError("delete file", error);
    }
  }

  async list(): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const name of this.#folder.keys()) if (isBlockFileName(name)) names.push(name);
    } catch (error) {
      throw toStorageError("list files", error);
    }
    return names.sort();
  }
}

class AccessHandleFile implements BlockFile {
  readonly #handle: FileSystemSyncAccessHandle;
  #closed = false;

  constructor(handle: FileSystemSyncAccessHandle) {
    this.#handle = handle;
  }

  read(into: Uint8Array, at: number): number {
    return this.#attempt("read", () => this.#handle.read(viewOf(into), { at }));
  }

  write(bytes: Uint8Array, at: number): void {
    const written = this.#attempt("write", () => this.#handle.write(viewOf(bytes), { at }));
    // A browser out of quota may take a part and report no error.
    if (written < bytes.length) throw new StorageError("full", "write");
  }

  truncate(size: number): void {
    this.#attempt("truncate", () => {
      this.#handle.truncate(size);
    });
  }

  flush(): void {
    this.#attempt("flush", () => {
      this.#handle.flush();
    });
  }

  size(): number {
    return this.#attempt("size", () => this.#handle.getSize());
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handle.close();
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

function requireName(name: string): void {
  if (!isBlockFileName(name)) throw new RangeError("not a block file name");
}

/** The handle's methods refuse views of shared memory by type; ours is never shared. */
function viewOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

function toStorageError(operation: string, error: unknown): StorageError {
  const name = nameOf(error);
  switch (name) {
    case "QuotaExceededError":
      return new StorageError("full", operation, error);
    case "NoModificationAllowedError":
    case "InvalidModificationError":
      return new StorageError("busy", operation, error);
    default:
      return new StorageError("io", `${operation} (${String(name)})`, error);
  }
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
