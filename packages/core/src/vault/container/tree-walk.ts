import type { BlockCipher } from "./block-cipher.ts";
import { blockOf, ENTRY_BYTES } from "./entry.ts";
import { BLOCK_BYTES } from "./sizes.ts";
import type { SlotBlocks } from "./slot-blocks.ts";
import { FAN_OUT, isCorrupt, type TreeRecord } from "./tree-record.ts";

/** Looks at everything that a record leads to, as it is on the disk. Keeps nothing in memory. */
export class TreeWalk {
  readonly #blocks: SlotBlocks;
  readonly #cipher: BlockCipher;
  readonly #record: TreeRecord;
  /** Entries by index that stand in place of those in the maps. */
  readonly #loose: ReadonlyMap<number, Uint8Array>;

  constructor(blocks: SlotBlocks, cipher: BlockCipher, record: TreeRecord) {
    this.#blocks = blocks;
    this.#cipher = cipher;
    this.#record = record;
    this.#loose = new Map(record.loose.map(({ index, entry }) => [index, entry]));
  }

  /** Calls `visit` with every block. Returns whether all maps could be read; the file's own bytes are not looked at. */
  visit(visit: (block: number) => void): boolean {
    for (const entry of this.#loose.values()) visit(blockOf(entry));
    return this.#visit(this.#record.depth, 0, this.#record.top, visit);
  }

  /** Whether every block among `fresh` that the record leads to is what it should be. Others are not looked at. */
  verify(fresh: ReadonlySet<number>): boolean {
    for (const [index, entry] of this.#loose) {
      if (fresh.has(blockOf(entry)) && this.#opened(0, index, entry) === undefined) return false;
    }
    return this.#verify(this.#record.depth, 0, this.#record.top, fresh);
  }

  #visit(level: number, index: number, entry: Uint8Array, visit: (block: number) => void): boolean {
    if (blockOf(entry) === 0 || this.#isReplaced(level, index)) return true;
    visit(blockOf(entry));
    if (level === 0) return true;
    const node = this.#opened(level, index, entry);
    if (node === undefined) return false;
    let whole = true;
    for (let child = 0; child < FAN_OUT; child += 1) {
      whole = this.#visit(level - 1, index * FAN_OUT + child, entryIn(node, child), visit) && whole;
    }
    return whole;
  }

  #verify(level: number, index: number, entry: Uint8Array, fresh: ReadonlySet<number>): boolean {
    // What is new is named by a map that is new: below an old map all is old.
    if (!fresh.has(blockOf(entry)) || this.#isReplaced(level, index)) return true;
    const node = this.#opened(level, index, entry);
    if (node === undefined || level === 0) return node !== undefined;
    for (let child = 0; child < FAN_OUT; child += 1) {
      if (!this.#verify(level - 1, index * FAN_OUT + child, entryIn(node, child), fresh)) return false;
    }
    return true;
  }

  /** Whether an entry in the maps is out of date: the block it names may be another's by now. */
  #isReplaced(level: number, index: number): boolean {
    return level === 0 && this.#loose.has(index);
  }

  /** The content of a block or node; undefined if it is damaged. */
  #opened(level: number, index: number, entry: Uint8Array): Uint8Array | undefined {
    const [ciphertext, plaintext] = [new Uint8Array(BLOCK_BYTES), new Uint8Array(BLOCK_BYTES)];
    try {
      this.#blocks.read(blockOf(entry), ciphertext);
      this.#cipher.open({ level, index }, entry, ciphertext, plaintext);
      return plaintext;
    } catch (error) {
      if (isCorrupt(error)) return undefined;
      throw error;
    }
  }
}

function entryIn(node: Uint8Array, child: number): Uint8Array {
  return node.subarray(child * ENTRY_BYTES, (child + 1) * ENTRY_BYTES);
}
