import type { BlockFile } from "../../ports/block-file.ts";
import { isBlockFileName, type BlockFiles } from "../../ports/block-files.ts";
import { StorageError } from "../../ports/storage-error.ts";
import type { BlockTree } from "./block-tree.ts";

/** What the files of a slot stand on. */
export interface SlotStore {
  names(): readonly string[];
  /** @throws StorageError `corrupt` if that cannot be told. */
  has(name: string): boolean;
  /** Makes an empty file, durably. */
  create(name: string): void;
  /** Removes a file, durably. */
  remove(name: string): void;
  /** The blocks of a file that {@link has}; the same object while it is in use. */
  treeOf(name: string): BlockTree;
  /** Makes durable what was written to this file, and nothing of any other. */
  flush(name: string): void;
  /** The file is not in use any more. */
  letGo(name: string): void;
}

/** The files of one slot, as any others. */
export class SlotFiles implements BlockFiles {
  readonly flushIsAtomic = true;
  readonly #store: SlotStore;
  readonly #open = new Set<string>();

  constructor(store: SlotStore) {
    this.#store = store;
  }

  async open(name: string): Promise<BlockFile> {
    requireName(name);
    if (this.#open.has(name)) throw new StorageError("busy", "open file");
    if (!this.#store.has(name)) this.#store.create(name);
    this.#open.add(name);
    return Promise.resolve(
      new SlotFile(name, this.#store, () => {
        this.#open.delete(name);
        this.#store.letGo(name);
      }),
    );
  }

  async exists(name: string): Promise<boolean> {
    requireName(name);
    return Promise.resolve(this.#store.has(name));
  }

  async delete(name: string): Promise<void> {
    requireName(name);
    if (this.#open.has(name)) throw new StorageError("busy", "delete file");
    if (this.#store.has(name)) this.#store.remove(name);
    return Promise.resolve();
  }

  async list(): Promise<readonly string[]> {
    return Promise.resolve(this.#store.names());
  }
}

/**
 * [Note: What a failed write takes with it]
 * When a write, a truncation or a flush fails, the file is again what its last flush left. SQLite, which keeps its
 * journal in memory, then writes back pages that are as they were, and finds its database whole even if that fails too.
 */
class SlotFile implements BlockFile {
  readonly #name: string;
  readonly #store: SlotStore;
  readonly #onClose: () => void;
  #closed = false;

  constructor(name: string, store: SlotStore, onClose: () => void) {
    this.#name = name;
    this.#store = store;
    this.#onClose = onClose;
  }

  read(into: Uint8Array, at: number): number {
    return this.#tree("read").read(into, at);
  }

  write(bytes: Uint8Array, at: number): void {
    this.#tree("write").write(bytes, at);
  }

  truncate(size: number): void {
    this.#tree("truncate").truncate(size);
  }

  flush(): void {
    this.#tree("flush");
    this.#store.flush(this.#name);
  }

  size(): number {
    return this.#tree("size").size;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }

  #tree(operation: string): BlockTree {
    if (this.#closed) throw new StorageError("io", `${operation} a closed file`);
    return this.#store.treeOf(this.#name);
  }
}

function requireName(name: string): void {
  if (!isBlockFileName(name)) throw new RangeError("not a block file name");
}
