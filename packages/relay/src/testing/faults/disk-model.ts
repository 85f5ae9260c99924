import { applyNameChange } from "@stonechat/testkit/memory-segment-files";
import type { SeededFractions } from "@stonechat/testkit/seeded-fractions";
import type { SavedState } from "../../segments/segment-state.ts";
import type { JournalItem } from "./journal.ts";

/** Stands for a file whatever its name is. */
export type FileNumber = number;

/** What a program asked of a disk: bytes and lengths of files, and names in the one folder. */
export type DiskChange =
  | { readonly kind: "write"; readonly file: FileNumber; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly file: FileNumber; readonly size: number }
  | { readonly kind: "link"; readonly file: FileNumber; readonly name: string }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "remove"; readonly name: string };

/**
 * One line of a recording. A change may reach the disk, in part too, from the moment when it begins; a sync covers the
 * changes that were `done` when it began, and only when it is `synced`. Between them stands what clients asked and heard.
 */
export type DiskEvent =
  | { readonly type: "change"; readonly id: number; readonly change: DiskChange }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "sync"; readonly id: number; readonly of: FileNumber | "folder" }
  | { readonly type: "synced"; readonly id: number }
  /** Something beside the files was saved, atomically and durably. */
  | { readonly type: "saved"; readonly state: SavedState | undefined }
  | { readonly type: "journal"; readonly item: JournalItem };

/** The files of a folder by name. */
export type DiskImage = ReadonlyMap<string, Uint8Array>;

/**
 * What a power cut does to changes that no sync covers. `drop`: none happened. `keep`: all did. `prefix`: those up to
 * some moment. `mixed`: each happened or not, whatever the order. `sectors`: each sector of each write happened or not.
 * `byte`: a prefix whose last write ends anywhere. `zeros`: files grew, but the bytes did not come. `noise`: a sector that
 * was being written holds anything.
 */
export const FATES = ["drop", "keep", "prefix", "mixed", "sectors", "byte", "zeros", "noise"] as const;
export type Fate = (typeof FATES)[number];

const SECTOR_BYTES = 512;

interface Pending<C extends DiskChange> {
  readonly id: number;
  readonly change: C;
  done: boolean;
  durable: boolean;
}
type FileChange = Extract<DiskChange, { readonly file: FileNumber; readonly kind: "write" | "truncate" }>;
type NameChange = Exclude<DiskChange, FileChange>;

interface File {
  base: Uint8Array;
  pending: Pending<FileChange>[];
}

/** A disk that knows what is safe, from which images of it after a power cut are made. */
export class DiskModel {
  readonly #files = new Map<FileNumber, File>();
  readonly #names = new Map<string, FileNumber>();
  #pendingNames: Pending<NameChange>[] = [];
  readonly #running = new Map<number, Pending<DiskChange>>();
  readonly #syncs = new Map<number, readonly Pending<DiskChange>[]>();

  apply(event: DiskEvent): void {
    switch (event.type) {
      case "change":
        this.#begin(event.id, event.change);
        break;
      case "done": {
        const pending = this.#running.get(event.id);
        if (pending !== undefined) pending.done = true;
        this.#running.delete(event.id);
        break;
      }
      case "sync": {
        const { of } = event;
        const all: readonly Pending<DiskChange>[] = of === "folder" ? this.#pendingNames : this.#file(of).pending;
        this.#syncs.set(
          event.id,
          all.filter(({ done }) => done),
        );
        break;
      }
      case "synced":
        for (const pending of this.#syncs.get(event.id) ?? []) pending.durable = true;
        this.#syncs.delete(event.id);
        this.#settle();
        break;
      case "saved":
      case "journal":
        break;
    }
  }

  /** Whether a power cut now could lose anything. */
  get volatile(): boolean {
    return this.#pendingNames.length > 0 || [...this.#files.values()].some(({ pending }) => pending.length > 0);
  }

  /** The folder as it may be found after a power cut now: bytes by one fate, names by another. */
  image(bytes: Fate, names: Fate, random: SeededFractions): DiskImage {
    const linked = new Map(this.#names);
    for (const change of surviving(this.#pendingNames, names, random)) applyNameChange(linked, change);
    return new Map([...linked].map(([name, number]) => [name, contents(this.#file(number), bytes, random)]));
  }

  #begin(id: number, change: DiskChange): void {
    const state = { id, done: false, durable: false };
    if (change.kind === "write" || change.kind === "truncate") {
      const pending = { ...state, change };
      this.#file(change.file).pending.push(pending);
      this.#running.set(id, pending);
    } else {
      const pending = { ...state, change };
      this.#pendingNames.push(pending);
      this.#running.set(id, pending);
    }
  }

  #file(number: FileNumber): File {
    const file = this.#files.get(number) ?? { base: new Uint8Array(0), pending: [] };
    this.#files.set(number, file);
    return file;
  }

  /** What is safe and has nothing unsafe before it needs not be told apart any more. */
  #settle(): void {
    for (const file of this.#files.values()) {
      const safe = leading(file.pending);
      if (safe === 0) continue;
      file.base = applied(
        file.base,
        file.pending.slice(0, safe).map(({ change }) => change),
      );
      file.pending = file.pending.slice(safe);
    }
    const safe = leading(this.#pendingNames);
    for (const { change } of this.#pendingNames.slice(0, safe)) applyNameChange(this.#names, change);
    this.#pendingNames = this.#pendingNames.slice(safe);
  }
}

function leading(pending: readonly Pending<DiskChange>[]): number {
  const first = pending.findIndex(({ durable }) => !durable);
  return first < 0 ? pending.length : first;
}

/** The changes of these that happened, in order, whole. */
function surviving<C extends DiskChange>(pending: readonly Pending<C>[], fate: Fate, random: SeededFractions): C[] {
  const upTo = Math.floor(random() * (pending.length + 1));
  return pending
    .filter(({ durable }, index) => durable || happened(fate, index < upTo, random))
    .map(({ change }) => change);
}

function happened(fate: Fate, early: boolean, random: SeededFractions): boolean {
  switch (fate) {
    case "drop":
      return false;
    case "keep":
    case "zeros":
    case "noise":
      return true;
    case "prefix":
    case "byte":
      return early;
    case "mixed":
    case "sectors":
      return random() < 0.5;
  }
}

function contents({ base, pending }: File, fate: Fate, random: SeededFractions): Uint8Array {
  const noisy = Math.floor(random() * pending.length);
  const kept = surviving(pending, fate === "sectors" ? "keep" : fate, random);
  const durable = new Set(pending.filter((one) => one.durable).map(({ change }) => change));
  const cut = kept.findLast((change) => !durable.has(change));
  const changes = kept.flatMap((change, index): FileChange[] => {
    if (durable.has(change) || change.kind === "truncate") return [change];
    if (fate === "sectors") return sectors(change).filter(() => random() < 0.5);
    if (fate === "byte" && change === cut)
      return [{ ...change, bytes: change.bytes.subarray(0, Math.floor(random() * change.bytes.length)) }];
    if (fate === "zeros") return [{ ...change, bytes: zeroed(change, base.length) }];
    if (fate === "noise" && index >= noisy) return noise(change, random);
    return [change];
  });
  return applied(base, changes);
}

type Write = Extract<DiskChange, { readonly kind: "write" }>;

/** The same bytes in writes that end with a sector of the disk. */
function sectors({ at, bytes, ...rest }: Write): Write[] {
  const parts: Write[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = Math.min(bytes.length, from + SECTOR_BYTES - ((at + from) % SECTOR_BYTES));
    parts.push({ ...rest, at: at + from, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return parts;
}

/** What lies beyond the old end of the file did not come; what was there before is overwritten. */
function zeroed({ at, bytes }: Write, oldEnd: number): Uint8Array {
  const copy = bytes.slice();
  return copy.fill(0, Math.min(copy.length, Math.max(0, oldEnd - at)));
}

function noise(write: Write, random: SeededFractions): Write[] {
  const parts = sectors(write);
  const chosen = Math.floor(random() * parts.length);
  return parts.map((part, index) =>
    index === chosen ? { ...part, bytes: part.bytes.map(() => Math.floor(random() * 256)) } : part,
  );
}

function applied(base: Uint8Array, changes: readonly FileChange[]): Uint8Array {
  let length = base.length;
  let room = base.length;
  for (const change of changes) {
    length = change.kind === "truncate" ? change.size : Math.max(length, change.at + change.bytes.length);
    room = Math.max(room, length);
  }
  const bytes = new Uint8Array(room);
  bytes.set(base);
  let end = base.length;
  for (const change of changes) {
    if (change.kind === "truncate") {
      if (change.size < end) bytes.fill(0, change.size, end);
      end = change.size;
    } else {
      bytes.set(change.bytes, change.at);
      end = Math.max(end, change.at + change.bytes.length);
    }
  }
  return bytes.subarray(0, length);
}
