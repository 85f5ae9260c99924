import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import type { BlockFile } from "../ports/block-file.ts";
import { BLOCK_BYTES, Container, type ContainerSizes, type Slot } from "../vault/container/index.ts";
import { quickRandom } from "./quick-random.ts";

export const SMALL: ContainerSizes = { headerBytes: BLOCK_BYTES, chunkBytes: 32 * BLOCK_BYTES };

/** A container on a disk in memory, which can lose power, and be opened again after. */
export class SlotStage {
  readonly disk: MemoryBlockFiles;
  readonly sizes: ContainerSizes;
  file: BlockFile;
  container: Container;
  #lives = 0;

  private constructor(disk: MemoryBlockFiles, sizes: ContainerSizes, file: BlockFile, container: Container) {
    this.disk = disk;
    this.sizes = sizes;
    this.file = file;
    this.container = container;
  }

  static async create(seed = 1, sizes = SMALL): Promise<SlotStage> {
    const disk = new MemoryBlockFiles(seed);
    const file = await disk.open("vault.bin");
    return new SlotStage(disk, sizes, file, Container.create(file, quickRandom(seed), sizes));
  }

  /** The bytes of the container's file. */
  get bytes(): Uint8Array {
    return this.disk.contents("vault.bin");
  }

  /** Opens the container again, after a clean end or a loss of power. */
  async reopen(how: "close" | "crash" = "close"): Promise<void> {
    if (how === "close") this.container.close();
    else this.disk.crash();
    this.#lives += 1;
    this.file = await this.disk.open("vault.bin");
    this.container = Container.open(this.file, quickRandom(1000 + this.#lives), this.sizes);
  }

  /** Opens a slot that must open. */
  slot(index: number, key: Uint8Array): Slot {
    const slot = this.container.openSlot(index, key);
    if (slot === undefined) throw new Error("the slot does not open");
    return slot;
  }

  /** Where the blocks of a slot lie in the file. */
  *blocksOf(slot: number): Generator<number> {
    const { headerBytes, chunkBytes } = this.sizes;
    const size = this.file.size();
    for (let chunk = 2 * headerBytes + slot * chunkBytes; chunk < size; chunk += 4 * chunkBytes) {
      for (let at = 0; at < chunkBytes; at += BLOCK_BYTES) yield chunk + at;
    }
  }

  /** Turns one bit. */
  flip(at: number, bit = 1): void {
    const byte = new Uint8Array(1);
    this.file.read(byte, at);
    this.file.write(Uint8Array.of((byte[0] ?? 0) ^ bit), at);
  }
}

export function keyOf(fill: number): Uint8Array {
  return new Uint8Array(32).fill(fill);
}

/** Writes a whole file and flushes it. */
export async function put(slot: Slot, name: string, bytes: Uint8Array): Promise<void> {
  const file = await slot.files.open(name);
  try {
    file.truncate(bytes.length);
    file.write(bytes, 0);
    file.flush();
  } finally {
    file.close();
  }
}

/** All bytes of a file. @throws StorageError */
export async function get(slot: Slot, name: string): Promise<Uint8Array> {
  const file = await slot.files.open(name);
  try {
    const bytes = new Uint8Array(file.size());
    file.read(bytes, 0);
    return bytes;
  } finally {
    file.close();
  }
}
