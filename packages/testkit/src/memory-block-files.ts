import { isBlockFileName, StorageError, type BlockFile, type BlockFiles } from "@stonechat/core";
import { createSeededFractions, type SeededFractions } from "./seeded-fractions.ts";
import { StoredFile, type Change, type UnsyncedFate } from "./stored-file.ts";

export type { UnsyncedFate } from "./stored-file.ts";

/** One change asked of the disk; `number` counts all of them from 0. */
export type DiskOperation = {
  readonly kind: "write" | "truncate" | "flush";
  readonly number: number;
  readonly file: string;
};
/** `power-cut`: this operation and everything after fails until {@link MemoryBlockFiles.crash}. */
export type DiskFault = "full" | "io" | "power-cut";
/**
 * Block files in memory, on a disk that fails as told: what no flush covered is volatile. Stays usable after
 * {@link crash}, as the disk does; all choices come from the seed.
 */
export class MemoryBlockFiles implements BlockFiles {
  /** Asked before each change. */
  decide: (operation: DiskOperation) => DiskFault | undefined = () => undefined;
  /** Writes and growth beyond this total of bytes are refused with `full`. */
  capacity = Infinity;
  operations = 0;
  flushes = 0;
  bytesWritten = 0;
  readonly random: SeededFractions;
  readonly #files = new Map<string, StoredFile>();
  readonly #open = new Map<string, MemoryFile>();
  #powerless = false;

  constructor(seed: number) {
    this.random = createSeededFractions(seed);
  }

  async open(name: string): Promise<BlockFile> {
    this.#check(name);
    if (this.#open.has(name)) throw new StorageError("busy", "open file");
    const stored = this.#files.get(name) ?? new StoredFile();
    this.#files.set(name, stored);
    const file = new MemoryFile(this, name, stored, () => this.#open.delete(name));
    this.#open.set(name, file);
    return Promise.resolve(file);
  }

  async exists(name: string): Promise<boolean> {
    this.#check(name);
    return Promise.resolve(this.#files.has(name));
  }

  async delete(name: string): Promise<void> {
    this.#check(name);
    if (this.#open.has(name)) throw new StorageError("busy", "delete file");
    if (this.#powerless) throw new StorageError("io", "delete file");
    this.#files.delete(name);
    return Promise.resolve();
  }

  async list(): Promise<readonly string[]> {
    return Promise.resolve([...this.#files.keys()].sort());
  }

  /** Power loss: open files are gone, un-synced changes meet their fate, faults end. */
  crash(fate: UnsyncedFate = "any"): void {
    for (const file of this.#open.values()) file.kill();
    this.#open.clear();
    for (const stored of this.#files.values()) stored.crash(fate, this.random);
    this.#powerless = false;
    this.decide = () => undefined;
  }

  /** Total length of all files. */
  size(): number {
    let total = 0;
    for (const stored of this.#files.values()) total += stored.visible.length;
    return total;
  }

  /** The bytes of a file as a program would read them, for searching what must not be there. */
  contents(name: string): Uint8Array {
    return this.#files.get(name)?.visible.copy() ?? new Uint8Array(0);
  }

  /** Counts an operation of `file` and returns the fault it meets. */
  meet(kind: DiskOperation["kind"], file: string, growth: number): DiskFault | undefined {
    const number = this.operations;
    this.operations += 1;
    if (this.#powerless) return "power-cut";
    const fault = this.decide({ kind, number, file }) ?? (this.#fits(growth) ? undefined : "full");
    if (fault === "power-cut") this.#powerless = true;
    return fault;
  }

  #fits(growth: number): boolean {
    return growth <= 0 || this.size() + growth <= this.capacity;
  }

  #check(name: string): void {
    if (!isBlockFileName(name)) throw new RangeError("not a block file name");
  }
}

class MemoryFile implements BlockFile {
  readonly #disk: MemoryBlockFiles;
  readonly #name: string;
  readonly #stored: StoredFile;
  readonly #onClose: () => void;
  #closed = false;

  constructor(disk: MemoryBlockFiles, name: string, stored: StoredFile, onClose: () => void) {
    this.#disk = disk;
    this.#name = name;
    this.#stored = stored;
    this.#onClose = onClose;
  }

  read(into: Uint8Array, at: number): number {
    this.#use("read");
    return this.#stored.visible.read(into, at);
  }

  write(bytes: Uint8Array, at: number): void {
    this.#use("write");
    if (bytes.length === 0) return;
    const fault = this.#disk.meet("write", this.#name, at + bytes.length - this.#stored.visible.length);
    const change: Change = { kind: "write", at, bytes: bytes.slice() };
    if (fault === "power-cut") this.#stored.half(change);
    // A disk may take the beginning of a write before it finds that there is no more space.
    if (fault === "full" && this.#disk.random() < 0.5) {
      const fits = Math.min(bytes.length, Math.max(0, this.#stored.visible.length - at));
      if (fits > 0) this.#stored.change({ kind: "write", at, bytes: bytes.slice(0, fits) });
    }
    this.#fail(fault, "write");
    this.#disk.bytesWritten += bytes.length;
    this.#stored.change(change);
  }

  truncate(size: number): void {
    this.#use("truncate");
    const fault = this.#disk.meet("truncate", this.#name, size - this.#stored.visible.length);
    if (fault === "power-cut") this.#stored.half({ kind: "truncate", size });
    this.#fail(fault, "truncate");
    this.#stored.change({ kind: "truncate", size });
  }

  flush(): void {
    this.#use("flush");
    const fault = this.#disk.meet("flush", this.#name, 0);
    if (fault === "full" || fault === "io") this.#stored.failFlush(this.#disk.random);
    this.#fail(fault, "flush");
    this.#disk.flushes += 1;
    this.#stored.flush();
  }

  size(): number {
    this.#use("size");
    return this.#stored.visible.length;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }

  /** After a crash the process that held the file is gone. */
  kill(): void {
    this.#closed = true;
  }

  #use(operation: string): void {
    if (this.#closed) throw new StorageError("io", `${operation} a closed file`);
  }

  #fail(fault: DiskFault | undefined, operation: string): void {
    if (fault !== undefined) throw new StorageError(fault === "full" ? "full" : "io", operation);
  }
}
