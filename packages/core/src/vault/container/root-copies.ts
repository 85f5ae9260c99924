import type { ChunkedFile } from "./chunked-file.ts";
import { openRoot, sealRoot, type Root } from "./root.ts";
import { BLOCK_BYTES } from "./sizes.ts";
import type { SlotKeys } from "./slot-keys.ts";

/** Which of the two places of a root: the first blocks of a slot. */
export type RootCopy = 0 | 1;
/** A root, and the place it was found in. */
export type FoundRoot = { readonly root: Root; readonly copy: RootCopy };

/** The place that is not this one. */
export function otherCopy(copy: RootCopy): RootCopy {
  return copy === 0 ? 1 : 0;
}

/** The roots that `keys` open, the newer first. */
export function findRoots(file: ChunkedFile, index: number, keys: SlotKeys): readonly FoundRoot[] {
  const block = new Uint8Array(BLOCK_BYTES);
  const found: FoundRoot[] = [];
  for (const copy of [0, 1] as const) {
    file.read(block, file.addressOf(index, copy));
    const root = openRoot(block, keys.root, index, copy);
    if (root !== undefined) found.push({ root, copy });
  }
  return found.sort((a, b) => b.root.sequence - a.root.sequence);
}

/** Writes one root, not yet durably. */
export function writeRootCopy(file: ChunkedFile, index: number, copy: RootCopy, keys: SlotKeys, root: Root): void {
  file.write(sealRoot(root, keys.root, file.randomBytes(24), index, copy), file.addressOf(index, copy));
}

/** Writes blocks of a slot again as they are, not yet durably. Those that a file cut short does not have are left out. */
export function rewrite(file: ChunkedFile, index: number, blocks: Iterable<number>): void {
  const bytes = new Uint8Array(BLOCK_BYTES);
  for (const block of blocks) {
    if (block >= file.blocks) continue;
    const address = file.addressOf(index, block);
    file.read(bytes, address);
    file.write(bytes, address);
  }
}
