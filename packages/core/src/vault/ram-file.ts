import type { BlockFile } from "../ports/block-file.ts";

/** A file that exists only in memory: SQLite's temporary files, which must never reach a disk. */
export class RamFile implements BlockFile {
  #bytes = new Uint8Array(0);
  #size = 0;

  read(into: Uint8Array, at: number): number {
    const length = Math.max(0, Math.min(into.length, this.#size - at));
    into.set(this.#bytes.subarray(at, at + length));
    return length;
  }

  write(bytes: Uint8Array, at: number): void {
    this.#reserve(at + bytes.length);
    this.#bytes.set(bytes, at);
    this.#size = Math.max(this.#size, at + bytes.length);
  }

  truncate(size: number): void {
    this.#reserve(size);
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    this.#size = size;
  }

  flush(): void {
    // Nothing outlives the process anyway.
  }

  size(): number {
    return this.#size;
  }

  close(): void {
    this.#bytes.fill(0);
    this.#bytes = new Uint8Array(0);
    this.#size = 0;
  }

  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(size, this.#bytes.length * 2));
    grown.set(this.#bytes);
    this.#bytes.fill(0);
    this.#bytes = grown;
  }
}
