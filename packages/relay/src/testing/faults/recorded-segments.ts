import type { SegmentFile, SegmentFiles } from "../../segments/segment-files.ts";
import type { MemorySegmentState, SavedState, SegmentState, StateChange } from "../../segments/segment-state.ts";
import type { DiskChange, DiskEvent, FileNumber } from "./disk-model.ts";

/** The folder of a segment store and its saved table, with everything that is asked of them written down. */
export class RecordedSegments implements SegmentFiles {
  readonly events: DiskEvent[] = [];
  readonly state: SegmentState;
  readonly #inner: SegmentFiles;
  readonly #numbers = new Map<string, FileNumber>();
  #last = 0;

  /** @param names - Of files that are there already: they have the numbers from 1. */
  constructor(inner: SegmentFiles, state: MemorySegmentState, names: Iterable<string> = []) {
    this.#inner = inner;
    for (const name of names) this.#number(name);
    this.state = new RecordedState(state, this.events);
  }

  list(): Promise<readonly string[]> {
    return this.#inner.list();
  }

  async open(name: string): Promise<SegmentFile> {
    return new RecordedFile(await this.#inner.open(name), this, this.#number(name));
  }

  async create(name: string): Promise<SegmentFile> {
    const known = this.#numbers.has(name);
    const number = this.#number(name);
    const change: DiskChange = known
      ? { kind: "truncate", file: number, size: 0 }
      : { kind: "link", file: number, name };
    return new RecordedFile(await this.change(change, () => this.#inner.create(name)), this, number);
  }

  async rename(from: string, to: string): Promise<void> {
    const number = this.#number(from);
    await this.change({ kind: "rename", from, to }, () => this.#inner.rename(from, to));
    this.#numbers.delete(from);
    this.#numbers.set(to, number);
  }

  async remove(name: string): Promise<void> {
    await this.change({ kind: "remove", name }, () => this.#inner.remove(name));
    this.#numbers.delete(name);
  }

  syncFolder(): Promise<void> {
    return this.sync("folder", () => this.#inner.syncFolder());
  }

  freeBytes(): Promise<number> {
    return this.#inner.freeBytes();
  }

  /** Notes the beginning of a change and, unless it fails, its end. */
  async change<T>(change: DiskChange, work: () => Promise<T>): Promise<T> {
    this.#last += 1;
    const id = this.#last;
    this.events.push({ type: "change", id, change });
    const result = await work();
    this.events.push({ type: "done", id });
    return result;
  }

  async sync(of: FileNumber | "folder", work: () => Promise<void>): Promise<void> {
    this.#last += 1;
    const id = this.#last;
    this.events.push({ type: "sync", id, of });
    await work();
    this.events.push({ type: "synced", id });
  }

  /** A file keeps its number when it is renamed. */
  #number(name: string): FileNumber {
    const number = this.#numbers.get(name) ?? (this.#last += 1);
    this.#numbers.set(name, number);
    return number;
  }
}

class RecordedFile implements SegmentFile {
  readonly #inner: SegmentFile;
  readonly #recording: RecordedSegments;
  readonly #number: FileNumber;

  constructor(inner: SegmentFile, recording: RecordedSegments, number: FileNumber) {
    this.#inner = inner;
    this.#recording = recording;
    this.#number = number;
  }

  size(): Promise<number> {
    return this.#inner.size();
  }

  read(into: Uint8Array, at: number): Promise<number> {
    return this.#inner.read(into, at);
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    const change = { kind: "write", file: this.#number, at, bytes: bytes.slice() } as const;
    return this.#recording.change(change, () => this.#inner.write(bytes, at));
  }

  sync(): Promise<void> {
    return this.#recording.sync(this.#number, () => this.#inner.sync());
  }

  truncate(size: number): Promise<void> {
    return this.#recording.change({ kind: "truncate", file: this.#number, size }, () => this.#inner.truncate(size));
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

/** The saved table: a saving happens as a whole, at some moment between its beginning and its end. */
class RecordedState implements SegmentState {
  readonly #inner: MemorySegmentState;
  readonly #events: DiskEvent[];

  constructor(inner: MemorySegmentState, events: DiskEvent[]) {
    this.#inner = inner;
    this.#events = events;
  }

  load(): Promise<SavedState | undefined> {
    return this.#inner.load();
  }

  async save(change: StateChange): Promise<void> {
    await this.#inner.save(change);
    this.#events.push({ type: "saved", state: await this.#inner.load() });
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
