import { opaque, struct, structure, text, versioned } from "@stonechat/protocol";
import { StorageError } from "../../ports/storage-error.ts";
import type { BlockTree } from "./block-tree.ts";
import { treeRecord } from "./root.ts";
import { BLOCK_BYTES } from "./sizes.ts";
import { isCorrupt, type TreeRecord } from "./tree-record.ts";

const FILE_KEY_BYTES = 32;
const PLACE_BYTES = 256;
const LENGTH_BYTES = 1;
const MAX_NAME_BYTES = 128;

/** A file that is not the database: the way to its blocks, and the key that they are under. */
export type FileRecord = { readonly tree: TreeRecord; readonly key: Uint8Array };

type NamedRecord = FileRecord & { readonly name: string };

/**
 * ```text
 * struct {
 *   uint8      version = 1;
 *   opaque     name<V>;
 *   TreeRecord tree;
 *   opaque     key[32];
 * } FileRecord;
 *
 * struct {
 *   uint8      length;          // 0: nothing here
 *   FileRecord file;
 *   opaque     zeros[…];        // up to 256 bytes
 * } Place;
 * ```
 */
const fileRecord = structure(
  "FileRecord",
  PLACE_BYTES - LENGTH_BYTES,
  versioned(1, struct({ name: text(MAX_NAME_BYTES), tree: treeRecord, key: opaque(FILE_KEY_BYTES) })),
);

/** The names of a slot's files and what leads to each, in a file of its own: places of equal length, any of them free. */
export class Directory {
  readonly tree: BlockTree;
  readonly #files = new Map<string, { readonly place: number; readonly file: FileRecord }>();
  readonly #free: number[] = [];
  #places = 0;
  /** What takes back the changes since the last commit, the latest last. */
  #undo: (() => void)[] = [];
  #damaged = false;

  /** Reads all of `tree`. A damaged block costs the names that stood in it, no more. */
  constructor(tree: BlockTree) {
    this.tree = tree;
    this.#read();
  }

  /** Whether names were lost. */
  get damaged(): boolean {
    return this.#damaged;
  }

  names(): readonly string[] {
    return [...this.#files.keys()].sort();
  }

  /** @throws StorageError `corrupt` if there is none of this name, but names were lost. */
  get(name: string): FileRecord | undefined {
    const found = this.#files.get(name);
    if (found === undefined && this.#damaged) throw new StorageError("corrupt", "look for a file");
    return found?.file;
  }

  /** The records of all files. */
  *files(): Generator<FileRecord> {
    for (const { file } of this.#files.values()) yield file;
  }

  /** Notes a file, not yet written. */
  put(name: string, file: FileRecord): void {
    const known = this.#files.get(name);
    const place = known?.place ?? this.#free.pop() ?? this.#places;
    this.#undo.push(() => {
      if (known !== undefined) this.#files.set(name, known);
      else {
        this.#files.delete(name);
        this.#free.push(place);
      }
    });
    this.#places = Math.max(this.#places, place + 1);
    this.#files.set(name, { place, file });
    this.#write(place, fileRecord.encode({ name, ...file }));
  }

  /** Forgets a file, not yet written. */
  remove(name: string): void {
    const found = this.#files.get(name);
    if (found === undefined) return;
    this.#undo.push(() => {
      this.#files.set(name, found);
      this.#free.splice(this.#free.indexOf(found.place), 1);
    });
    this.#files.delete(name);
    this.#free.push(found.place);
    this.#write(found.place, new Uint8Array(0));
  }

  /** A root names what was settled, durably. Returns the blocks that no newer root leads to. */
  committed(): readonly number[] {
    this.#undo = [];
    return this.tree.committed();
  }

  /** Back to the last commit. */
  revert(tainted: boolean): void {
    this.tree.revert(tainted);
    for (const undo of this.#undo.reverse()) undo();
    this.#undo = [];
  }

  #write(place: number, record: Uint8Array): void {
    const bytes = new Uint8Array(PLACE_BYTES);
    bytes[0] = record.length;
    bytes.set(record, LENGTH_BYTES);
    this.tree.write(bytes, place * PLACE_BYTES);
  }

  #read(): void {
    this.#places = this.tree.size / PLACE_BYTES;
    const block = new Uint8Array(BLOCK_BYTES);
    for (let at = 0; at < this.tree.size; at += BLOCK_BYTES) {
      try {
        const length = this.tree.read(block, at);
        for (let from = 0; from < length; from += PLACE_BYTES) this.#readPlace(block, from, (at + from) / PLACE_BYTES);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        this.#damaged = true;
      }
    }
  }

  #readPlace(block: Uint8Array, from: number, place: number): void {
    const start = from + LENGTH_BYTES;
    const length = block[from] ?? 0;
    if (length === 0) {
      this.#free.push(place);
      return;
    }
    const { name, ...file } = decoded(block.slice(start, start + length));
    this.#files.set(name, { place, file });
  }
}

function decoded(bytes: Uint8Array): NamedRecord {
  try {
    return fileRecord.decode(bytes);
  } catch (error) {
    throw new StorageError("corrupt", "read directory", error);
  }
}
