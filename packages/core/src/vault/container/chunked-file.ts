import type { Random } from "@stonechat/crypto";
import type { BlockFile } from "../../ports/block-file.ts";
import { StorageError } from "../../ports/storage-error.ts";
import { BLOCK_BYTES, MAX_LOOSE, SLOT_COUNT, type ContainerSizes } from "./sizes.ts";

const FILL_BYTES = 1024 * 1024;
const SECTOR_BYTES = 512;

/**
 * The container's file as numbered blocks for each slot.
 *
 * ```text
 * header copy 0 | header copy 1 | chunk 0 of slot 0 | … | chunk 0 of slot 3 | chunk 1 of slot 0 | …
 * ```
 *
 * [Note: How the container grows]
 * All slots grow at once, by a chunk of random bytes each, so that the length tells nothing about any of them. How many
 * chunks there are follows from the length. The last block is written after all others are durable: a growth that was
 * cut short leaves a length that counts for nothing, and its bytes are written anew by the next one.
 */
export class ChunkedFile {
  readonly sizes: ContainerSizes;
  readonly #file: BlockFile;
  readonly #random: Random;
  #chunks: number;
  #failedFlushes = 0;

  /** @throws StorageError `corrupt` if the file is shorter than the smallest container, RangeError for odd sizes. */
  constructor(file: BlockFile, random: Random, sizes: ContainerSizes) {
    requireSizes(sizes);
    this.sizes = sizes;
    this.#file = file;
    this.#random = random;
    this.#chunks = wholeChunks(file.size(), sizes);
    if (this.#chunks < 1) throw new StorageError("corrupt", "open container");
    this.#mendEnd();
  }

  /** Makes the smallest container in `file`, durably. */
  static create(file: BlockFile, random: Random, sizes: ContainerSizes): ChunkedFile {
    requireSizes(sizes);
    file.truncate(0);
    appendRandom(file, random, 0, endOfChunks(1, sizes));
    return new ChunkedFile(file, random, sizes);
  }

  /** How often a flush has failed. What was written before one and is not durable may be lost, whatever a later one says. */
  get failedFlushes(): number {
    return this.#failedFlushes;
  }

  /** Blocks that each slot has. */
  get blocks(): number {
    return this.#chunks * (this.sizes.chunkBytes / BLOCK_BYTES);
  }

  get bytes(): number {
    return endOfChunks(this.#chunks, this.sizes);
  }

  /** Where a block of a slot lies. */
  addressOf(slot: number, block: number): number {
    const blocksPerChunk = this.sizes.chunkBytes / BLOCK_BYTES;
    const chunk = Math.floor(block / blocksPerChunk);
    return (
      endOfChunks(0, this.sizes) +
      (SLOT_COUNT * chunk + slot) * this.sizes.chunkBytes +
      (block % blocksPerChunk) * BLOCK_BYTES
    );
  }

  /** Fills `into`. @throws StorageError `corrupt` beyond the end. */
  read(into: Uint8Array, address: number): void {
    if (this.#file.read(into, address) < into.length) throw new StorageError("corrupt", "read container");
  }

  write(bytes: Uint8Array, address: number): void {
    this.#file.write(bytes, address);
  }

  flush(): void {
    try {
      this.#file.flush();
    } catch (error) {
      this.#failedFlushes += 1;
      throw error;
    }
  }

  /** Random bytes for nonces and for what must look like nothing. */
  randomBytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }

  /** One chunk more for each slot. @throws StorageError `full`: all is as it was. */
  grow(): void {
    const [from, to] = [this.bytes, endOfChunks(this.#chunks + 1, this.sizes)];
    try {
      appendRandom(this, this.#random, from, to);
    } catch (error) {
      this.#giveBack(from);
      throw error;
    }
    this.#chunks += 1;
  }

  close(): void {
    this.#file.close();
  }

  /** After a growth that failed. */
  #giveBack(end: number): void {
    try {
      this.#file.truncate(end);
    } catch {
      // What lies beyond counts for nothing, and the failure that led here is the one to report.
    }
  }

  /** Of the last block, which may have been torn: a sector that was never written is the only one to hold zeros. */
  #mendEnd(): void {
    const block = new Uint8Array(BLOCK_BYTES);
    const address = this.bytes - BLOCK_BYTES;
    this.read(block, address);
    for (let at = 0; at < BLOCK_BYTES; at += SECTOR_BYTES) {
      if (block.subarray(at, at + SECTOR_BYTES).some((byte) => byte !== 0)) continue;
      this.write(this.randomBytes(SECTOR_BYTES), address + at);
    }
    if (this.#file.size() > this.bytes) this.#giveBack(this.bytes);
  }
}

function requireSizes({ headerBytes, chunkBytes, looseEntries = 0 }: ContainerSizes): void {
  const isWhole = (bytes: number): boolean => bytes > 0 && bytes % BLOCK_BYTES === 0;
  if (!isWhole(headerBytes) || !isWhole(chunkBytes)) throw new RangeError("sizes are not whole blocks");
  if (looseEntries < 0 || looseEntries > MAX_LOOSE) throw new RangeError("a root has no room for so many");
}

function endOfChunks(chunks: number, { headerBytes, chunkBytes }: ContainerSizes): number {
  return 2 * headerBytes + SLOT_COUNT * chunks * chunkBytes;
}

function wholeChunks(bytes: number, sizes: ContainerSizes): number {
  return Math.floor((bytes - endOfChunks(0, sizes)) / (SLOT_COUNT * sizes.chunkBytes));
}

/** Fills from `from` to `to`, durably, the last block after everything else: see the note above. */
function appendRandom(file: Pick<BlockFile, "write" | "flush">, random: Random, from: number, to: number): void {
  const last = to - BLOCK_BYTES;
  for (let at = from; at < last; at += FILL_BYTES) file.write(random.bytes(Math.min(FILL_BYTES, last - at)), at);
  file.flush();
  file.write(random.bytes(BLOCK_BYTES), last);
  file.flush();
}
