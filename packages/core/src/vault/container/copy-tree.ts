import type { BlockTree } from "./block-tree.ts";
import { BLOCK_BYTES } from "./sizes.ts";
import { isCorrupt } from "./tree-record.ts";

/**
 * Copies a file into an empty tree under another key, and settles it. What cannot be read cannot be read in the copy
 * either: a damaged page must not keep the others from being encrypted anew.
 */
export function copyTree(from: BlockTree, to: BlockTree): void {
  for (let at = 0; at < from.size; at += BLOCK_BYTES) {
    try {
      const block = from.blockAt(at / BLOCK_BYTES);
      if (block !== undefined) to.write(block, at);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      to.writeDamaged(at / BLOCK_BYTES);
    }
  }
  to.truncate(from.size);
  to.settle();
}
