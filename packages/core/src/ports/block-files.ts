import type { BlockFile } from "./block-file.ts";

/**
 * The folder of files that belongs to one profile. One process at a time holds it: the platform takes a lock that
 * vanishes with the process before it hands out a `BlockFiles`, and throws `StorageError` `busy` if it cannot.
 */
export interface BlockFiles {
  /**
   * True if each file's flush is all or nothing, whatever happens on the way, and covers that file alone; and if a write
   * that fails takes the file back to its last flush. A database then needs no journal on the disk.
   */
  readonly flushIsAtomic?: boolean;
  /**
   * Opens a file, made empty if absent; its existence is durable when the promise resolves.
   *
   * @throws StorageError `busy` if the file is open already, `full`, `io`.
   * @throws RangeError unless {@link isBlockFileName}.
   */
  open(name: string): Promise<BlockFile>;
  exists(name: string): Promise<boolean>;
  /** Removes a file, durably. An absent one is no error. @throws StorageError `busy` if it is open. */
  delete(name: string): Promise<void>;
  /** Names of all files, sorted. */
  list(): Promise<readonly string[]>;
}

/** Whether `name` may name a block file: lower-case letters, digits, `-`, `_`, `.`; at most 128; never starting with `.`. */
export function isBlockFileName(name: string): boolean {
  return /^[a-z0-9_-][a-z0-9._-]{0,127}$/.test(name);
}
