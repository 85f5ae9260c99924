import type { BlockFiles } from "../../ports/block-files.ts";

/** One open compartment of a container. */
export interface Slot {
  /** The files inside: the database, and attachments as they were sealed. Every flush of a file is all or nothing. */
  readonly files: BlockFiles;
  /** Bytes of the blocks in use, maps included. */
  readonly liveBytes: number;
  /**
   * Encrypts everything that lies under the slot's key again, under `newKey`, beside the old state. Until `commit` the
   * old key opens the old state and the new key opens the new one; the files must not be written meanwhile. Attachments
   * keep their own keys, which are only wrapped anew.
   *
   * @throws StorageError `full`, `io`: the old state goes on. RangeError if a file has writes that no flush covered.
   */
  rekey(newKey: Uint8Array): Rekeying;
  /** Ends the use of all files and forgets the keys. A second call does nothing. */
  close(): void;
}

/** A re-keyed state beside the old one. Exactly one of both methods ends it. */
export interface Rekeying {
  /** From here on only the new key opens the slot; the old roots are overwritten, durably. */
  commit(): void;
  /** From here on only the old key opens it. */
  abandon(): void;
}
