import { StorageError } from "../../ports/storage-error.ts";
import type { BlockCipher } from "./block-cipher.ts";
import { blockOf, ENTRY_BYTES, nonceOf, setBlock } from "./entry.ts";
import { LooseEntries } from "./loose-entries.ts";
import { BLOCK_BYTES } from "./sizes.ts";
import type { SlotBlocks } from "./slot-blocks.ts";
import { FAN_OUT, isCorrupt, type TreeRecord } from "./tree-record.ts";

/** Changed blocks that a file keeps in memory before it writes them out. */
const MAX_CHANGED = 256;
/** Their buffers that it keeps for the next ones: as many as a small commit needs. */
const MAX_SPARE = 32;

/**
 * The bytes of one file, as blocks under a map of maps.
 *
 * [Note: Copy on write]
 * A block is never written where a durable root leads. A changed block goes to a free place, its entry with nonce and tag
 * into the map above it, which is thereby changed itself, and so on up to the root. What lies on the disk so remains whole
 * until a new root takes over, and no block can be exchanged for another or for an older one without the root's key.
 *
 * Changes are kept in memory until {@link BlockTree.settle}, beyond a limit on the disk at free places.
 */
export class BlockTree {
  readonly #blocks: SlotBlocks;
  readonly #cipher: BlockCipher;
  readonly #maxLoose: number;
  #committed: TreeRecord;
  #size: number;
  #depth: number;
  #top: Uint8Array;
  #loose: LooseEntries;
  /** Plaintext of changed blocks by index. */
  readonly #changed = new Map<number, Uint8Array>();
  readonly #spare: Uint8Array[] = [];
  /** Nodes in memory by level, and which of them are changed. */
  #nodes: Map<number, Uint8Array>[] = [];
  #changedNodes: Set<number>[] = [];
  /** Blocks written since the last commit, and committed ones that they replace. */
  readonly #fresh = new Set<number>();
  #replaced: number[] = [];
  #failedFlushes = 0;
  #lost = false;
  readonly #ciphertext = new Uint8Array(BLOCK_BYTES);
  /** The block read last, for reads in small pieces. */
  readonly #last = new Uint8Array(BLOCK_BYTES);
  #lastIndex = -1;

  /** @param maxLoose - Entries that whoever keeps the record has room for. */
  constructor(blocks: SlotBlocks, cipher: BlockCipher, record: TreeRecord, maxLoose = 0) {
    this.#blocks = blocks;
    this.#cipher = cipher;
    this.#maxLoose = maxLoose;
    this.#committed = record;
    this.#size = record.size;
    this.#depth = record.depth;
    this.#top = record.top.slice();
    this.#loose = new LooseEntries(maxLoose, record.loose);
  }

  get size(): number {
    return this.#size;
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0 || this.#fresh.size > 0 || this.#replaced.length > 0 || this.#resized;
  }

  get #resized(): boolean {
    return this.#size !== this.#committed.size || this.#depth !== this.#committed.depth;
  }

  /** What leads to the file as it is now; after {@link settle}, to what a root may name. */
  get record(): TreeRecord {
    return { size: this.#size, depth: this.#depth, top: this.#top.slice(), loose: this.#loose.list };
  }

  /** Blocks that the next root introduces. */
  get fresh(): ReadonlySet<number> {
    return this.#fresh;
  }

  /** @throws StorageError `corrupt` for a block that was damaged, `io`. */
  read(into: Uint8Array, at: number): number {
    this.#requireWhole();
    const length = Math.max(0, Math.min(into.length, this.#size - at));
    for (let done = 0; done < length;) {
      const index = Math.floor((at + done) / BLOCK_BYTES);
      const from = (at + done) % BLOCK_BYTES;
      const piece = Math.min(BLOCK_BYTES - from, length - done);
      const target = into.subarray(done, done + piece);
      const changed = this.#changed.get(index);
      if (changed !== undefined) target.set(changed.subarray(from, from + piece));
      else if (piece === BLOCK_BYTES) this.#readBlock(index, target);
      else target.set(this.#lastRead(index).subarray(from, from + piece));
      done += piece;
    }
    return length;
  }

  /** @throws StorageError; the file is then as its last commit left it. */
  write(bytes: Uint8Array, at: number): void {
    this.#requireWhole();
    this.#allOrNothing(() => {
      for (let done = 0; done < bytes.length;) {
        const index = Math.floor((at + done) / BLOCK_BYTES);
        const from = (at + done) % BLOCK_BYTES;
        const piece = Math.min(BLOCK_BYTES - from, bytes.length - done);
        this.#toChange(index, piece === BLOCK_BYTES).set(bytes.subarray(done, done + piece), from);
        done += piece;
        this.#size = Math.max(this.#size, at + done);
        if (this.#changed.size > MAX_CHANGED) {
          this.#writeChanged();
          this.#blocks.writeOut(); // so that a failure is this file's, and comes now
        }
      }
    });
  }

  /** @throws StorageError; the file is then as its last commit left it. */
  truncate(size: number): void {
    this.#requireWhole();
    this.#allOrNothing(() => {
      if (size < this.#size) this.#cutTo(size);
      this.#size = size;
    });
  }

  /** Writes all changes, maps included, to free places. They count once a root names {@link record} durably. */
  settle(): void {
    this.#requireWhole();
    this.#writeChanged();
    for (let level = 1; level <= this.#depth; level += 1) {
      const changed = [...(this.#changedNodes[level] ?? [])].sort((a, b) => a - b);
      this.#blocks.gather(changed.length);
      for (const index of changed) this.#store(level, index, this.#node(level, index));
      this.#changedNodes[level]?.clear();
    }
    this.#blocks.writeOut();
  }

  /** A root names what was settled, durably. Returns the blocks that no newer root leads to. */
  committed(): readonly number[] {
    const replaced = this.#replaced;
    this.#replaced = [];
    this.#fresh.clear();
    this.#committed = this.record;
    return replaced;
  }

  /**
   * Back to the last commit.
   *
   * @param tainted - Whether a root that names what was settled may be on the disk, so that its blocks must stay.
   */
  revert(tainted: boolean): void {
    for (const block of this.#fresh) {
      if (tainted) this.#blocks.taint(block);
      else this.#blocks.free(block);
    }
    this.#fresh.clear();
    this.#replaced = [];
    this.#changed.clear();
    this.#nodes = [];
    this.#changedNodes = [];
    this.#lastIndex = -1;
    this.#size = this.#committed.size;
    this.#depth = this.#committed.depth;
    this.#top = this.#committed.top.slice();
    this.#loose = new LooseEntries(this.#maxLoose, this.#committed.loose);
  }

  /** Forgets plaintext. Changes that were not settled are lost. */
  close(): void {
    for (const block of [...this.#changed.values(), ...this.#spare]) block.fill(0);
    this.#last.fill(0);
    this.#lost = true;
    if (this.#fresh.size > 0) this.revert(false);
    this.#nodes = [];
  }

  /** The content of a whole block, for copying; undefined where nothing was ever written. @throws StorageError */
  blockAt(index: number): Uint8Array | undefined {
    const entry = this.#entry(0, index);
    if (entry === undefined || blockOf(entry) === 0) return undefined;
    return this.#lastRead(index);
  }

  /** Puts a block at `index` that cannot be read: the copy of one that cannot. */
  writeDamaged(index: number): void {
    this.#toChange(index, true).fill(0);
    this.#writeChanged();
    const tag = this.#entryToChange(0, index);
    tag[ENTRY_BYTES - 1] = (tag[ENTRY_BYTES - 1] ?? 0) ^ 1;
  }

  #allOrNothing(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.revert(false);
      throw error;
    }
  }

  /** Blocks that were written and lost by another's failed flush cannot be told from good ones: the file gives up. */
  #requireWhole(): void {
    if (this.#fresh.size > 0 && this.#blocks.file.failedFlushes !== this.#failedFlushes) {
      this.revert(false);
      this.#lost = true;
    }
    if (this.#lost) throw new StorageError("io", "use a file after a failed flush");
  }

  /** The changed copy of a block; with its old content unless all of it is to be replaced. */
  #toChange(index: number, whole: boolean): Uint8Array {
    const known = this.#changed.get(index);
    if (known !== undefined) return known;
    const block = this.#spare.pop() ?? new Uint8Array(BLOCK_BYTES);
    if (!whole) this.#readBlock(index, block);
    this.#changed.set(index, block);
    if (index === this.#lastIndex) this.#lastIndex = -1;
    return block;
  }

  #writeChanged(): void {
    this.#blocks.gather(this.#changed.size);
    for (const index of [...this.#changed.keys()].sort((a, b) => a - b)) {
      const block = this.#changed.get(index);
      if (block !== undefined) this.#store(0, index, block);
    }
    for (const block of this.#changed.values()) if (this.#spare.length < MAX_SPARE) this.#spare.push(block);
    this.#changed.clear();
  }

  /** Encrypts a block or node to a free place and notes it in the map above. */
  #store(level: number, index: number, plaintext: Uint8Array): void {
    if (this.#fresh.size === 0) this.#failedFlushes = this.#blocks.file.failedFlushes;
    const entry = this.#entryToChange(level, index);
    const block = this.#blocks.allocate();
    this.#fresh.add(block);
    this.#release(blockOf(entry));
    setBlock(entry, block);
    nonceOf(entry).set(this.#blocks.nonce());
    this.#cipher.seal({ level, index }, entry, plaintext, this.#blocks.place(block));
  }

  #release(block: number): void {
    if (block === 0) return;
    if (this.#fresh.delete(block)) this.#blocks.free(block);
    else this.#replaced.push(block);
  }

  #lastRead(index: number): Uint8Array {
    if (this.#lastIndex !== index) {
      this.#lastIndex = -1;
      this.#readBlock(index, this.#last);
      this.#lastIndex = index;
    }
    return this.#last;
  }

  #readBlock(index: number, into: Uint8Array): void {
    const entry = this.#entry(0, index);
    if (entry === undefined || blockOf(entry) === 0) into.fill(0);
    else this.#open(0, index, entry, into);
  }

  #open(level: number, index: number, entry: Uint8Array, into: Uint8Array): void {
    this.#blocks.read(blockOf(entry), this.#ciphertext);
    this.#cipher.open({ level, index }, entry, this.#ciphertext, into);
  }

  /** Where the entry of a block or node stands; undefined beyond what the maps cover. */
  #entry(level: number, index: number): Uint8Array | undefined {
    return (level === 0 ? this.#loose.get(index) : undefined) ?? this.#mapped(level, index);
  }

  #mapped(level: number, index: number): Uint8Array | undefined {
    if (level === this.#depth) return index === 0 ? this.#top : undefined;
    if (level > this.#depth || index >= FAN_OUT ** (this.#depth - level)) return undefined;
    const at = (index % FAN_OUT) * ENTRY_BYTES;
    return this.#node(level + 1, Math.floor(index / FAN_OUT)).subarray(at, at + ENTRY_BYTES);
  }

  /** As {@link #entry}, to be written to. */
  #entryToChange(level: number, index: number): Uint8Array {
    if (level > 0 || !this.#canBeLoose(index)) {
      this.#fold();
      return this.#mappedToChange(level, index);
    }
    return this.#loose.replace(index, this.#entry(0, index));
  }

  #canBeLoose(index: number): boolean {
    if (this.#loose.get(index) !== undefined) return true;
    const isMapped = this.#depth > 0 && index < FAN_OUT ** this.#depth;
    return isMapped && !this.#loose.isFull && !this.#mapsAreChanged;
  }

  /** As {@link #mapped}, in a map that reaches so far and is noted as changed. */
  #mappedToChange(level: number, index: number): Uint8Array {
    while (index >= FAN_OUT ** (this.#depth - level)) this.#deepen();
    const entry = this.#mapped(level, index);
    if (entry === undefined) throw new RangeError("a map does not reach its block");
    if (level < this.#depth) this.#noteNode(level + 1, Math.floor(index / FAN_OUT));
    return entry;
  }

  /** Puts the loose entries into the maps, if that was not done yet. Those of a damaged map remain loose. */
  #fold(): void {
    if (this.#mapsAreChanged) return;
    for (const { index, entry } of this.#loose) {
      if (!this.#isReadable(1, Math.floor(index / FAN_OUT))) continue;
      this.#mappedToChange(0, index).set(entry);
      this.#loose.delete(index);
    }
  }

  get #mapsAreChanged(): boolean {
    return this.#changedNodes.some((nodes) => nodes.size > 0);
  }

  #noteNode(level: number, index: number): void {
    (this.#changedNodes[level] ??= new Set()).add(index);
  }

  /** One level more: what was the top becomes the first entry below the new one. */
  #deepen(): void {
    const node = new Uint8Array(BLOCK_BYTES);
    node.set(this.#top);
    this.#depth += 1;
    (this.#nodes[this.#depth] ??= new Map()).set(0, node);
    this.#noteNode(this.#depth, 0);
    this.#top = new Uint8Array(ENTRY_BYTES);
  }

  #node(level: number, index: number): Uint8Array {
    const known = this.#nodes[level]?.get(index);
    if (known !== undefined) return known;
    const node = new Uint8Array(BLOCK_BYTES);
    const entry = this.#entry(level, index);
    if (entry !== undefined && blockOf(entry) !== 0) this.#open(level, index, entry, node);
    (this.#nodes[level] ??= new Map()).set(index, node);
    return node;
  }

  #cutTo(size: number): void {
    const keep = Math.ceil(size / BLOCK_BYTES);
    for (const index of this.#changed.keys()) if (index >= keep) this.#changed.delete(index);
    this.#fold();
    for (const { index, entry } of this.#loose) {
      if (index < keep) continue;
      this.#release(blockOf(entry));
      this.#loose.delete(index);
    }
    this.#cut(this.#depth, 0, keep);
    this.#lastIndex = -1;
    const within = size % BLOCK_BYTES;
    if (within > 0) this.#toChange(keep - 1, false).fill(0, within);
    if (keep > 0) return;
    this.#depth = 0;
    this.#nodes = [];
    this.#changedNodes = [];
    this.#top = new Uint8Array(ENTRY_BYTES);
  }

  /** Lets go of the blocks from `keep` on that lie under the node or block at `level` and `index`. */
  #cut(level: number, index: number, keep: number): void {
    const [first, end] = [index * FAN_OUT ** level, (index + 1) * FAN_OUT ** level];
    const entry = this.#mapped(level, index);
    const isEmpty = entry === undefined || (blockOf(entry) === 0 && this.#nodes[level]?.get(index) === undefined);
    if (end <= keep || isEmpty) return;
    if (level > 0 && this.#isReadable(level, index)) {
      for (let child = index * FAN_OUT; child < (index + 1) * FAN_OUT; child += 1) this.#cut(level - 1, child, keep);
    }
    if (first < keep) return;
    const going = this.#mappedToChange(level, index);
    this.#release(blockOf(going));
    going.fill(0);
    this.#nodes[level]?.delete(index);
    this.#changedNodes[level]?.delete(index);
  }

  /** Of a map. What lies under a damaged one cannot be given back; the next survey finds it free. */
  #isReadable(level: number, index: number): boolean {
    try {
      this.#node(level, index);
      return true;
    } catch (error) {
      if (isCorrupt(error)) return false;
      throw error;
    }
  }
}
