import type { SegmentFile, SegmentFiles } from "@stonechat/relay";
import { createSeededFractions, type SeededFractions } from "./seeded-fractions.ts";
import { pick, StoredFile, type UnsyncedFate } from "./stored-file.ts";

/** Everything that can be asked of the disk. */
export type SegmentCall =
  | "list"
  | "open"
  | "create"
  | "rename"
  | "remove"
  | "sync-folder"
  | "free-bytes"
  | "size"
  | "read"
  | "write"
  | "sync"
  | "truncate";

/** One call to the disk; `number` counts all of them from 0. */
export interface SegmentOperation {
  readonly call: SegmentCall;
  readonly number: number;
  readonly file: string;
}

/** What a call meets: an error of the system, or the end of power, after which all calls fail until the crash. */
export type SegmentFault = "ENOSPC" | "EIO" | "power-cut";

/** What happens to names in a folder; `F` is what stands for a file. */
type NameChange<F> =
  | { readonly kind: "link"; readonly name: string; readonly file: F }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly name: string };

/**
 * The folder of a segment store in memory, on a disk that fails as told. What no sync covered is volatile: bytes by
 * file, names by folder. Stays usable after {@link crash}, as the disk does; all choices come from the seed.
 */
export class MemorySegmentFiles implements SegmentFiles {
  /** Asked before each call. */
  decide: (operation: SegmentOperation) => SegmentFault | undefined = () => undefined;
  /** Waited for before each call: how slow the disk is. */
  wait: (operation: SegmentOperation) => Promise<void> = () => Promise.resolve();
  /** Growth beyond this total of bytes is refused with `ENOSPC`. */
  capacity = Infinity;
  operations = 0;
  readonly random: SeededFractions;
  #names = new Map<string, StoredFile>();
  readonly #durableNames = new Map<string, StoredFile>();
  #nameChanges: NameChange<StoredFile>[] = [];
  readonly #open = new Set<OpenFile>();
  #powerless = false;
  #life = 0;

  constructor(seed: number) {
    this.random = createSeededFractions(seed);
  }

  async list(): Promise<readonly string[]> {
    this.fail(await this.meet("list", ""));
    return [...this.#names.keys()];
  }

  async open(name: string): Promise<SegmentFile> {
    this.fail(await this.meet("open", name));
    const stored = this.#names.get(name);
    if (stored === undefined) throw systemError("ENOENT");
    return this.#opened(name, stored);
  }

  async create(name: string): Promise<SegmentFile> {
    const fault = await this.meet("create", name);
    const before = this.#names.get(name);
    const stored = before ?? new StoredFile();
    if (fault === "power-cut" && before === undefined) this.#nameChanges.push({ kind: "link", name, file: stored });
    if (fault === "power-cut") before?.half({ kind: "truncate", size: 0 });
    this.fail(fault);
    if (before === undefined) this.#changeName({ kind: "link", name, file: stored });
    else stored.change({ kind: "truncate", size: 0 });
    return this.#opened(name, stored);
  }

  async rename(from: string, to: string): Promise<void> {
    const fault = await this.meet("rename", from);
    const change: NameChange<StoredFile> = { kind: "rename", from, to };
    if (fault === "power-cut") this.#nameChanges.push(change);
    this.fail(fault);
    if (!this.#names.has(from)) throw systemError("ENOENT");
    this.#changeName(change);
  }

  async remove(name: string): Promise<void> {
    const fault = await this.meet("remove", name);
    const change: NameChange<StoredFile> = { kind: "remove", name };
    if (fault === "power-cut") this.#nameChanges.push(change);
    this.fail(fault);
    if (!this.#names.has(name)) throw systemError("ENOENT");
    this.#changeName(change);
  }

  async syncFolder(): Promise<void> {
    this.fail(await this.meet("sync-folder", ""));
    for (const change of this.#nameChanges) applyNameChange(this.#durableNames, change);
    this.#nameChanges = [];
  }

  async freeBytes(): Promise<number> {
    this.fail(await this.meet("free-bytes", ""));
    return this.capacity - this.size();
  }

  /** Power loss: open files are gone, un-synced bytes and names meet their fate, faults end. */
  crash(fate: UnsyncedFate = "any"): void {
    for (const file of this.#open) file.kill();
    this.#open.clear();
    this.#crashNames(fate);
    const files = new Set([...this.#names.values(), ...this.#durableNames.values()]);
    for (const stored of files) stored.crash(fate, this.random);
    this.#names = new Map(this.#durableNames);
    this.#powerless = false;
    // Calls that were under way belong to a process that is gone.
    this.#life += 1;
    this.decide = () => undefined;
  }

  /** The files as one process sees them: from the next {@link crash} on, everything it asks fails. */
  session(): SegmentFiles {
    const life = this.#life;
    const alive = async <T>(work: () => Promise<T>): Promise<T> => {
      if (life !== this.#life) throw systemError("power-cut");
      return await work();
    };
    return {
      list: () => alive(() => this.list()),
      open: (name) => alive(() => this.open(name)),
      create: (name) => alive(() => this.create(name)),
      rename: (from, to) => alive(() => this.rename(from, to)),
      remove: (name) => alive(() => this.remove(name)),
      syncFolder: () => alive(() => this.syncFolder()),
      freeBytes: () => alive(() => this.freeBytes()),
    };
  }

  /** The process dies, the machine goes on: all that was written stays. */
  kill(): void {
    this.crash("keep");
  }

  /** Total length of all files. */
  size(): number {
    return [...this.#names.values()].reduce((total, { visible }) => total + visible.length, 0);
  }

  /** Names and bytes as another program would see them now. */
  contents(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#names].map(([name, stored]) => [name, stored.visible.copy()]));
  }

  /** Turns one bit on the disk. */
  flip(name: string, at: number, bit: number): void {
    this.#names.get(name)?.flip(at, bit);
  }

  /** Counts a call and returns the fault it meets. */
  async meet(call: SegmentCall, file: string): Promise<SegmentFault | undefined> {
    const operation = { call, file, number: this.operations };
    this.operations += 1;
    const life = this.#life;
    await this.wait(operation);
    if (this.#powerless || life !== this.#life) throw systemError("power-cut");
    const fault = this.decide(operation);
    if (fault === "power-cut") this.#powerless = true;
    return fault;
  }

  /** @throws the error that stands for the fault. */
  fail(fault: SegmentFault | undefined): void {
    if (fault !== undefined) throw systemError(fault);
  }

  fits(growth: number): boolean {
    return growth <= 0 || this.size() + growth <= this.capacity;
  }

  #opened(name: string, stored: StoredFile): SegmentFile {
    const file = new OpenFile(this, name, stored, () => this.#open.delete(file));
    this.#open.add(file);
    return file;
  }

  #changeName(change: NameChange<StoredFile>): void {
    applyNameChange(this.#names, change);
    this.#nameChanges.push(change);
  }

  #crashNames(fate: UnsyncedFate): void {
    const mode = fate === "any" ? pick(["drop", "keep", "prefix"], this.random) : fate;
    const prefix = Math.floor(this.random() * (this.#nameChanges.length + 1));
    for (const [at, change] of this.#nameChanges.entries()) {
      const kept =
        mode === "keep" ||
        (mode === "prefix" && at < prefix) ||
        ((mode === "mixed" || mode === "tear") && this.random() < 0.5);
      if (kept) applyNameChange(this.#durableNames, change);
    }
    this.#nameChanges = [];
  }
}

/** Carries a change of names out. A name that is not there cannot be renamed, and nothing happens. */
export function applyNameChange<F>(names: Map<string, F>, change: NameChange<F>): void {
  switch (change.kind) {
    case "link":
      names.set(change.name, change.file);
      break;
    case "rename": {
      const file = names.get(change.from);
      if (file === undefined) break;
      names.delete(change.from);
      names.set(change.to, file);
      break;
    }
    case "remove":
      names.delete(change.name);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`the disk in memory said ${code}`), { code });
}

class OpenFile implements SegmentFile {
  readonly #disk: MemorySegmentFiles;
  readonly #name: string;
  readonly #stored: StoredFile;
  readonly #onClose: () => void;
  #closed = false;

  constructor(disk: MemorySegmentFiles, name: string, stored: StoredFile, onClose: () => void) {
    this.#disk = disk;
    this.#name = name;
    this.#stored = stored;
    this.#onClose = onClose;
  }

  async size(): Promise<number> {
    this.#disk.fail(await this.#meet("size"));
    return this.#stored.visible.length;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    this.#disk.fail(await this.#meet("read"));
    return this.#stored.visible.read(into, at);
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    const told = await this.#meet("write");
    const fault = told ?? (this.#disk.fits(at + bytes.length - this.#stored.visible.length) ? undefined : "ENOSPC");
    // A disk may take the beginning of a write before it finds that it cannot take the rest.
    const taken = Math.floor(this.#disk.random() * (bytes.length + 1));
    if (fault === "power-cut") this.#stored.half({ kind: "write", at, bytes: bytes.slice() });
    else if (fault === undefined) this.#stored.change({ kind: "write", at, bytes: bytes.slice() });
    else if (taken > 0) this.#stored.change({ kind: "write", at, bytes: bytes.slice(0, taken) });
    this.#disk.fail(fault);
  }

  async sync(): Promise<void> {
    const fault = await this.#meet("sync");
    if (fault === "ENOSPC" || fault === "EIO") this.#stored.failFlush(this.#disk.random);
    this.#disk.fail(fault);
    this.#stored.flush();
  }

  async truncate(size: number): Promise<void> {
    const fault = await this.#meet("truncate");
    if (fault === "power-cut") this.#stored.half({ kind: "truncate", size });
    this.#disk.fail(fault);
    this.#stored.change({ kind: "truncate", size });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
    return Promise.resolve();
  }

  /** After a crash the process that held the file is gone. */
  kill(): void {
    this.#closed = true;
  }

  #meet(call: SegmentCall): Promise<SegmentFault | undefined> {
    if (this.#closed) throw systemError("EBADF");
    return this.#disk.meet(call, this.#name);
  }
}
