import { DecryptError, xaeadOpen, xaeadSealPage, XAEAD_NONCE_BYTES } from "@stonechat/crypto";
import {
  list,
  opaque,
  optional,
  struct,
  structure,
  uint16,
  uint32,
  uint53,
  uint8,
  versioned,
  type Codec,
} from "@stonechat/protocol";
import { StorageError } from "../../ports/storage-error.ts";
import { ENTRY_BYTES } from "./entry.ts";
import { BLOCK_BYTES, MAX_LOOSE } from "./sizes.ts";
import type { LooseEntry, TreeRecord } from "./tree-record.ts";

/** Stretches of blocks that a root can name as new. */
export const MAX_RUNS = 400;
const RUN_BYTES = 6;
const INDEX_BYTES = 4;
const LOOSE_BYTES = INDEX_BYTES + ENTRY_BYTES;
const TAG_BYTES = 16;
const LENGTH_BYTES = 2;
const PADDED_BYTES = BLOCK_BYTES - XAEAD_NONCE_BYTES - TAG_BYTES;
const MAX_ROOT_BYTES = PADDED_BYTES - LENGTH_BYTES;
/** All but the items of `loose` and `fresh`. */
const FIXED_BYTES = 120;
const MAX_DEPTH = 6;

/** `length` blocks from `first` on. */
export type Run = { readonly first: number; readonly length: number };

/** What a slot's key leads to. */
export type Root = {
  /** One more than the root before it. */
  readonly sequence: number;
  /** Undefined while there is no database. */
  readonly database: TreeRecord | undefined;
  readonly directory: TreeRecord;
  /** Blocks that came with this root, to be looked at before it is believed; none if they were durable before it. */
  readonly fresh: readonly Run[];
};

const treeFields = { size: uint53, depth: uint8, top: opaque(ENTRY_BYTES) };
const boundTree = struct(treeFields);
/** Written with every message, so without the codec's steps for each of 64 entries. */
const looseEntries: Codec<readonly LooseEntry[]> = {
  read(reader) {
    const bytes = reader.vector(MAX_LOOSE * LOOSE_BYTES);
    if (bytes.length % LOOSE_BYTES !== 0) throw reader.error("bad-value");
    return Array.from({ length: bytes.length / LOOSE_BYTES }, (_, at) => {
      const one = bytes.slice(at * LOOSE_BYTES, (at + 1) * LOOSE_BYTES);
      return { index: new DataView(one.buffer).getUint32(0), entry: one.subarray(INDEX_BYTES) };
    });
  },
  write(writer, entries) {
    const bytes = new Uint8Array(entries.length * LOOSE_BYTES);
    const view = new DataView(bytes.buffer);
    entries.forEach(({ index, entry }, at) => {
      view.setUint32(at * LOOSE_BYTES, index);
      bytes.set(entry, at * LOOSE_BYTES + INDEX_BYTES);
    });
    writer.vector(bytes, MAX_LOOSE * LOOSE_BYTES);
  },
};
const looseTree = struct({ ...treeFields, loose: looseEntries });

/** The layout of a {@link TreeRecord} without loose entries; also in the directory. */
export const treeRecord: Codec<TreeRecord> = {
  read: (reader) => ({ ...boundTree.read(reader), loose: [] }),
  write(writer, tree) {
    if (tree.loose.length > 0) throw new RangeError("no room for loose entries");
    boundTree.write(writer, tree);
  },
};

/**
 * ```text
 * struct {
 *   uint64 size;
 *   uint8  depth;
 *   Entry  top;
 * } TreeRecord;
 *
 * struct {
 *   TreeRecord tree;
 *   struct { uint32 index; Entry entry; } loose<V>;
 * } LooseTree;
 *
 * struct {
 *   uint8               version = 2;      // 1: a TreeRecord in place of the LooseTree
 *   uint64              sequence;
 *   optional<LooseTree> database;
 *   TreeRecord          directory;
 *   struct { uint32 first; uint16 length; } fresh<V>;
 * } Root;
 * ```
 */
const rootStructure = structure("Root", MAX_ROOT_BYTES, versioned(2, rootOf(looseTree)));
const firstRootStructure = structure("Root", MAX_ROOT_BYTES, versioned(1, rootOf(treeRecord)));

function rootOf(database: Codec<TreeRecord>): Codec<Root> {
  return struct({
    sequence: uint53,
    database: optional(database),
    directory: treeRecord,
    fresh: list(struct({ first: uint32, length: uint16 }), MAX_RUNS, MAX_RUNS * RUN_BYTES),
  });
}

/** Fills a block with a root: nonce, ciphertext of the padded root, tag. Bound to its slot and copy. */
export function sealRoot(root: Root, key: Uint8Array, nonce: Uint8Array, slot: number, copy: 0 | 1): Uint8Array {
  const body = rootStructure.encode(root);
  const block = new Uint8Array(BLOCK_BYTES);
  block.set(nonce);
  const [padded, tag] = [block.subarray(XAEAD_NONCE_BYTES, -TAG_BYTES), block.subarray(-TAG_BYTES)];
  padded.set([body.length >> 8, body.length & 0xff]);
  padded.set(body, LENGTH_BYTES);
  xaeadSealPage(key, nonce, Uint8Array.of(slot, copy), padded, padded, tag);
  return block;
}

/**
 * The root in `block`, or undefined if this key has none there.
 *
 * @throws StorageError `newer-version` if a newer program wrote it, `corrupt` if what the key sealed is no root.
 */
export function openRoot(block: Uint8Array, key: Uint8Array, slot: number, copy: 0 | 1): Root | undefined {
  const nonce = block.subarray(0, XAEAD_NONCE_BYTES);
  let padded: Uint8Array;
  try {
    padded = xaeadOpen(key, nonce, Uint8Array.of(slot, copy), block.subarray(XAEAD_NONCE_BYTES));
  } catch (error) {
    if (error instanceof DecryptError) return undefined;
    throw error;
  }
  const [high = 0, low = 0] = padded;
  const body = padded.subarray(LENGTH_BYTES, LENGTH_BYTES + ((high << 8) | low));
  if (body[0] !== 1 && body[0] !== 2) throw new StorageError("newer-version", "read root");
  const root = decoded(body);
  if (root.directory.depth > MAX_DEPTH || (root.database?.depth ?? 0) > MAX_DEPTH) {
    throw new StorageError("corrupt", "read root");
  }
  return root;
}

function decoded(body: Uint8Array): Root {
  try {
    return (body[0] === 1 ? firstRootStructure : rootStructure).decode(body);
  } catch (error) {
    throw new StorageError("corrupt", "read root", error);
  }
}

/** Blocks as stretches; undefined if there are too many for a root with so many loose entries. */
export function toRuns(blocks: Iterable<number>, loose: number): readonly Run[] | undefined {
  const runs: { first: number; length: number }[] = [];
  for (const block of [...blocks].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.length === block && last.length < 0xffff) last.length += 1;
    else runs.push({ first: block, length: 1 });
  }
  const room = Math.floor((MAX_ROOT_BYTES - FIXED_BYTES - loose * LOOSE_BYTES) / RUN_BYTES);
  return runs.length > Math.min(MAX_RUNS, room) ? undefined : runs;
}

export function blocksOf(runs: readonly Run[]): ReadonlySet<number> {
  const blocks = new Set<number>();
  for (const { first, length } of runs) for (let i = 0; i < length; i += 1) blocks.add(first + i);
  return blocks;
}
