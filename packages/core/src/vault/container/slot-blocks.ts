import { StorageError } from "../../ports/storage-error.ts";
import type { ChunkedFile } from "./chunked-file.ts";
import { BLOCK_BYTES } from "./sizes.ts";

/** The first blocks of a slot: the two roots. */
export const ROOT_BLOCKS = 2;

const GATHERED_BLOCKS = 64;
const NONCE_BYTES = 24;
const NONCES = 128;
/** How far to look for free neighbours: a few microseconds. */
const MAX_LOOKED_AT = 4096;

/** What a survey found: every block in use, and whether all of them could be found. */
export type Survey = { readonly inUse: readonly number[]; readonly whole: boolean };

/** What the blocks of a slot ask of who knows what leads to them. */
export type BlockOwner = {
  /** Called before a block is given out: makes durable what was found, if need be. @throws StorageError */
  readonly settle: () => void;
  /** Called once. */
  readonly survey: () => Survey;
};

/**
 * The blocks of one slot: which are free, and their bytes. Neighbours that are written one after the other reach the
 * file as one write.
 */
export class SlotBlocks {
  readonly file: ChunkedFile;
  readonly #slot: number;
  readonly #owner: BlockOwner;
  /** 1 for a block in use. Made when the first block is asked for: reading needs none of it. */
  #used: Uint8Array | undefined;
  #usedCount = 0;
  #next = ROOT_BLOCKS;
  #resting: readonly number[] = [];
  #tainted: number[] = [];
  readonly #buffer = new Uint8Array(GATHERED_BLOCKS * BLOCK_BYTES);
  #gathered = 0;
  #address = 0;
  #nonces: Uint8Array = new Uint8Array(0);

  constructor(file: ChunkedFile, slot: number, owner: BlockOwner) {
    this.file = file;
    this.#slot = slot;
    this.#owner = owner;
  }

  get usedCount(): number {
    this.#table();
    return this.#usedCount;
  }

  /** Finds out which blocks are in use, if that was not done yet: before anything is changed that a survey looks at. */
  prepare(): void {
    this.#table();
  }

  /** A free block, now in use. @throws StorageError `full` if there is none and the container cannot grow. */
  allocate(): number {
    this.#owner.settle();
    let used = this.#table();
    if (this.#usedCount === used.length) {
      this.#makeRoom();
      used = this.#table();
    }
    while (used[this.#next] === 1) this.#next = (this.#next + 1) % used.length;
    const block = this.#next;
    used[block] = 1;
    this.#usedCount += 1;
    this.#next = (block + 1) % used.length;
    return block;
  }

  /**
   * Lets the next `count` blocks be neighbours, if so many are free side by side not far away: they are then written at
   * once. Otherwise they are the next free ones.
   */
  gather(count: number): void {
    const used = this.#used;
    if (used === undefined || count < 2) return;
    const limit = Math.min(MAX_LOOKED_AT, used.length);
    for (let looked = 0, found = 0, at = this.#next; looked < limit; looked += 1) {
      found = used[at] === 0 ? found + 1 : 0;
      at += 1;
      if (found === count) {
        this.#next = at - count;
        return;
      }
      if (at === used.length) [at, found] = [0, 0];
    }
  }

  /** Gives back a block that no root leads to. */
  free(block: number): void {
    const used = this.#table();
    if (used[block] !== 1) throw new RangeError("a free block was freed");
    used[block] = 0;
    this.#usedCount -= 1;
  }

  /** Gives back, after the next commit, a block that a root may lead to whose writing failed. */
  taint(block: number): void {
    this.#tainted.push(block);
  }

  /**
   * A root is durable that leads to `replaced` no more. They rest until the next one is: then both roots that are on the
   * disk are always whole.
   */
  committed(replaced: readonly number[]): void {
    this.#releaseResting();
    for (const block of this.#tainted) this.free(block);
    this.#tainted = [];
    this.#resting = replaced;
  }

  /** Reads a block's ciphertext. @throws StorageError */
  read(block: number, into: Uint8Array): void {
    const address = this.file.addressOf(this.#slot, block);
    if (address >= this.#address && address < this.#address + this.#gathered * BLOCK_BYTES) this.writeOut();
    this.file.read(into, address);
  }

  /** Room for the ciphertext of `block`, to be filled before the next call. It is written by {@link writeOut} at the latest. */
  place(block: number): Uint8Array {
    const address = this.file.addressOf(this.#slot, block);
    if (this.#gathered === GATHERED_BLOCKS || address !== this.#address + this.#gathered * BLOCK_BYTES) this.writeOut();
    if (this.#gathered === 0) this.#address = address;
    const from = this.#gathered * BLOCK_BYTES;
    this.#gathered += 1;
    return this.#buffer.subarray(from, from + BLOCK_BYTES);
  }

  /** Writes what was placed. @throws StorageError: what was placed is then lost. */
  writeOut(): void {
    const length = this.#gathered * BLOCK_BYTES;
    this.#gathered = 0;
    if (length > 0) this.file.write(this.#buffer.subarray(0, length), this.#address);
  }

  /** 24 random bytes, to be copied at once. */
  nonce(): Uint8Array {
    if (this.#nonces.length === 0) this.#nonces = this.file.randomBytes(NONCES * NONCE_BYTES);
    const nonce = this.#nonces.subarray(0, NONCE_BYTES);
    this.#nonces = this.#nonces.subarray(NONCE_BYTES);
    return nonce;
  }

  #table(): Uint8Array {
    const { blocks } = this.file;
    if (this.#used?.length === blocks) return this.#used;
    const table = new Uint8Array(blocks);
    if (this.#used === undefined) this.#fill(table);
    else table.set(this.#used); // the container has grown, perhaps for another slot
    this.#used = table;
    return table;
  }

  #fill(table: Uint8Array): void {
    const { inUse, whole } = this.#owner.survey();
    table.fill(1, 0, ROOT_BLOCKS);
    for (const block of inUse) table[block] = 1;
    // What lies under a damaged map may lie anywhere: only what is added from now on is surely free.
    if (!whole) table.fill(1);
    this.#usedCount = table.reduce((sum, bit) => sum + bit, 0);
    const [a = 0, b = 0, c = 0] = this.file.randomBytes(3);
    this.#next = ((a << 16) | (b << 8) | c) % table.length;
  }

  #makeRoom(): void {
    const [before, failedFlushes] = [this.file.blocks, this.file.failedFlushes];
    try {
      this.file.grow();
      this.#next = before;
    } catch (error) {
      const isFull = error instanceof StorageError && error.code === "full";
      const isWhole = this.file.failedFlushes === failedFlushes; // or what was written so far is lost
      if (!isFull || !isWhole || this.#resting.length === 0) throw error;
      // Resting is caution only, as long as every flush tells the truth.
      this.#releaseResting();
    }
  }

  #releaseResting(): void {
    for (const block of this.#resting) this.free(block);
    this.#resting = [];
  }
}
