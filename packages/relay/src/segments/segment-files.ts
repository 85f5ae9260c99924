/**
 * The files of a segment store: one folder, flat names. Everything the store does to a disk goes through here, so that a
 * test can fail, tear, drop or kill at any call. All errors are the system's, with their `code` (`ENOSPC`, `EIO` …).
 */
export interface SegmentFiles {
  /** Names in the folder, in no order. */
  list(): Promise<readonly string[]>;
  /** Opens a file for reading and writing. `ENOENT` if there is none. */
  open(name: string): Promise<SegmentFile>;
  /** The same, of a file that is made, or emptied if it is there. Its name is durable only after {@link syncFolder}. */
  create(name: string): Promise<SegmentFile>;
  /** Takes the place of `to` if that exists. Durable only after {@link syncFolder}. */
  rename(from: string, to: string): Promise<void>;
  /** Durable only after {@link syncFolder}. */
  remove(name: string): Promise<void>;
  /** Makes names that were made, changed or removed survive a power cut. */
  syncFolder(): Promise<void>;
  /** Room that is left, in bytes. */
  freeBytes(): Promise<number>;
}

/** One open file. Offsets and sizes in bytes. Calls on different ranges may be under way at once. */
export interface SegmentFile {
  size(): Promise<number>;
  /** @returns how many bytes were there: fewer than asked for only at the end of the file. */
  read(into: Uint8Array, at: number): Promise<number>;
  /**
   * Reads many ranges at once, faster than one by one. @returns them one behind the other; shorter if the file ends
   * before one of them does.
   */
  readMany?(ranges: readonly { readonly at: number; readonly size: number }[]): Promise<Uint8Array>;
  /** Writes all of it, or throws; then any part of it may have been written. Durable only after {@link sync}. */
  write(bytes: Uint8Array, at: number): Promise<void>;
  /** {@link write} and {@link sync} in one, where that is faster. When it throws, neither may have happened, or both. */
  writeSynced?(bytes: Uint8Array, at: number): Promise<void>;
  /** Makes everything written to this file survive a power cut. When it throws, nothing may be believed of the file. */
  sync(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}
