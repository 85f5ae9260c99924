import { StorageError } from "../../ports/storage-error.ts";
import { ENTRY_BYTES } from "./entry.ts";
import { BLOCK_BYTES } from "./sizes.ts";

/** Entries in a node of a map. */
export const FAN_OUT = Math.floor(BLOCK_BYTES / ENTRY_BYTES);

/** What leads to a file's blocks: `top` is the entry of the one node at level `depth`, or of the only block. */
export type TreeRecord = { readonly size: number; readonly depth: number; readonly top: Uint8Array };

/** The record of an empty file. */
export const EMPTY_TREE: TreeRecord = { size: 0, depth: 0, top: new Uint8Array(ENTRY_BYTES) };

/** Whether an error says that what is stored is not what we wrote. */
export function isCorrupt(error: unknown): boolean {
  return error instanceof StorageError && error.code === "corrupt";
}
