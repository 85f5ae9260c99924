import type { BlockFile } from "../ports/block-file.ts";

const BUFFER_BYTES = 64 * 1024;

/**
 * Gathers neighbouring small writes into large ones. SQLite writes a commit in some thirty pieces that lie side by side,
 * and where a call into the file system is a message to another process (a browser's private window) each would cost
 * about a millisecond.
 *
 * A failure to write may so come up later, at the latest in {@link flush}; what was gathered is then dropped. That suits
 * SQLite: it never counts on a write before the sync that follows it, and does all of it again.
 */
export class GatheringFile implements BlockFile {
  readonly #file: BlockFile;
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  /** The buffer's first `#gathered` bytes belong at `#start`. */
  #start = 0;
  #gathered = 0;
  #size: number;
  #unflushed = false;

  /** Nobody else may use `file` from here on. */
  constructor(file: BlockFile) {
    this.#file = file;
    this.#size = file.size();
  }

  read(into: Uint8Array, at: number): number {
    // What is gathered also makes the file longer: a read of the hole before it must find zeros, not the old end.
    if (this.#gathered > 0 && (at + into.length > this.#start || this.#start > this.#file.size())) this.#writeOut();
    return this.#file.read(into, at);
  }

  write(bytes: Uint8Array, at: number): void {
    if (bytes.length === 0) return;
    const from = at - this.#start;
    if (from < 0 || from > this.#gathered || from + bytes.length > BUFFER_BYTES) {
      this.#writeOut();
      if (bytes.length > BUFFER_BYTES) {
        this.#unflushed = true;
        this.#file.write(bytes, at);
        this.#size = Math.max(this.#size, at + bytes.length);
        return;
      }
      this.#start = at;
    }
    this.#buffer.set(bytes, at - this.#start);
    this.#gathered = Math.max(this.#gathered, at - this.#start + bytes.length);
    this.#size = Math.max(this.#size, at + bytes.length);
  }

  truncate(size: number): void {
    if (size <= this.#start) this.#gathered = 0;
    this.#writeOut();
    this.#unflushed = true;
    this.#file.truncate(size);
    this.#size = size;
  }

  flush(): void {
    this.#writeOut();
    if (!this.#unflushed) return;
    this.#file.flush();
    this.#unflushed = false;
  }

  size(): number {
    return this.#size;
  }

  close(): void {
    this.#gathered = 0;
    this.#buffer.fill(0);
    this.#file.close();
  }

  #writeOut(): void {
    const length = this.#gathered;
    if (length === 0) return;
    this.#gathered = 0;
    this.#unflushed = true;
    try {
      this.#file.write(this.#buffer.subarray(0, length), this.#start);
    } catch (error) {
      this.#size = this.#file.size();
      throw error;
    }
  }
}
