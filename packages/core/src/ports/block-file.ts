/**
 * One open file, read and written at any place. Synchronous, because SQLite is: OPFS sync access handles and Node's
 * `fs.*Sync` both are.
 *
 * What {@link BlockFile.flush} has not covered may be lost by a crash, wholly, in part, or torn in the middle of a write;
 * bytes outside the range of a write are never touched by it. Every method throws `StorageError` `full` or `io`.
 */
export interface BlockFile {
  /** Fills `into` from byte `at`. Returns how many bytes there were: fewer than asked only at the end of the file. */
  read(into: Uint8Array, at: number): number;
  /** Writes all of `bytes` or throws; of nothing, nothing. A gap between the old end and `at` reads as zeros. */
  write(bytes: Uint8Array, at: number): void;
  /** Cuts the file to `size` bytes, or grows it with zeros. */
  truncate(size: number): void;
  /** Returns when everything written so far, and the length, survives power loss. */
  flush(): void;
  /** Length in bytes. */
  size(): number;
  /** Gives the file back. Does not flush. A second call does nothing. */
  close(): void;
}
