import { StorageError } from "../../ports/storage-error.ts";
import { ENTRY_BYTES } from "./entry.ts";
import { BLOCK_BYTES } from "./sizes.ts";

/** Entries in a node of a map. */
export const FAN_OUT = Math.floor(BLOCK_BYTES / ENTRY_BYTES);

/** The entry of one of a file's blocks that the maps do not have yet; what they have in its place counts for nothing. */
export type LooseEntry = { readonly index: number; readonly entry: Uint8Array };

/** What leads to a file's blocks: `top` is the entry of the one node at level `depth`, or of the only block. */
export type TreeRecord = {
  readonly size: number;
  readonly depth: number;
  readonly top: Uint8Array;
  /** See [Note: Loose entries]. Only a root has room for them. */
  readonly loose: readonly LooseEntry[];
};

/** The record of an empty file. */
export const EMPTY_TREE: TreeRecord = { size: 0, depth: 0, top: new Uint8Array(ENTRY_BYTES), loose: [] };

/** Whether an error says that what is stored is not what we wrote. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof StorageError && error.code === "corrupt";
}
