import type { Random } from "@stonechat/crypto";
import type { BlockFile } from "../../ports/block-file.ts";
import { ChunkedFile } from "./chunked-file.ts";
import { OpenSlot } from "./open-slot.ts";
import { findRoots, writeRootCopy } from "./root-copies.ts";
import { BLOCK_BYTES, CONTAINER_DEFAULTS, SLOT_COUNT, type ContainerSizes } from "./sizes.ts";
import { SlotKeys } from "./slot-keys.ts";
import type { Slot } from "./slot.ts";
import { EMPTY_TREE } from "./tree-record.ts";

/** The one file that all vaults of a device lie in. Every byte of it looks random, used or not. */
export class Container {
  readonly #file: ChunkedFile;
  readonly #open = new Map<number, OpenSlot>();

  private constructor(file: ChunkedFile) {
    this.#file = file;
  }

  /** Fills `file` with random bytes: two header copies and one chunk for each slot. Durable when it returns. */
  static create(file: BlockFile, random: Random, sizes: ContainerSizes = CONTAINER_DEFAULTS): Container {
    return new Container(ChunkedFile.create(file, random, sizes));
  }

  /**
   * Opens an existing file. Nothing in it can be recognised, so only its length is looked at.
   *
   * @throws StorageError `corrupt` if it is too short.
   */
  static open(file: BlockFile, random: Random, sizes: ContainerSizes = CONTAINER_DEFAULTS): Container {
    return new Container(new ChunkedFile(file, random, sizes));
  }

  /** Length of the file. */
  get fileBytes(): number {
    return this.#file.bytes;
  }

  /** The whole of a header copy. */
  readHeader(copy: 0 | 1): Uint8Array {
    const { headerBytes } = this.#file.sizes;
    const bytes = new Uint8Array(headerBytes);
    this.#file.read(bytes, copy * headerBytes);
    return bytes;
  }

  /** Replaces a header copy, not yet durably. @throws RangeError unless `bytes` is as long as one. */
  writeHeader(copy: 0 | 1, bytes: Uint8Array): void {
    const { headerBytes } = this.#file.sizes;
    if (bytes.length !== headerBytes) throw new RangeError("a header has another length");
    this.#file.write(bytes, copy * headerBytes);
  }

  /** Returns when everything written so far survives power loss. */
  flush(): void {
    this.#file.flush();
  }

  /** Makes an empty slot under this 32-byte key, whatever was there before. Durable when it returns. */
  formatSlot(index: number, key: Uint8Array): Slot {
    this.#requireClosed(index);
    const keys = new SlotKeys(key);
    const root = { sequence: 1, database: undefined, directory: EMPTY_TREE, fresh: [] };
    for (const copy of [0, 1] as const) writeRootCopy(this.#file, index, copy, keys, root);
    this.#file.flush();
    return this.#kept(index, new OpenSlot(this.#file, index, keys, { root, copy: 0 }));
  }

  /**
   * Opens a slot, or undefined if the key opens nothing there: unused, another's and destroyed are one answer.
   *
   * @throws StorageError `io`, `newer-version`.
   */
  openSlot(index: number, key: Uint8Array): Slot | undefined {
    this.#requireClosed(index);
    const keys = new SlotKeys(key);
    const [newer, older] = findRoots(this.#file, index, keys);
    if (newer === undefined) {
      keys.close();
      return undefined;
    }
    const slot = new OpenSlot(this.#file, index, keys, newer);
    if (older !== undefined && slot.isWhole()) return this.#kept(index, slot);
    const before = older && new OpenSlot(this.#file, index, keys, older);
    const found = before?.isWhole() === true ? before : slot;
    // The other place holds a root whose blocks are not all there, or one of a key that was to open nothing any more.
    if (older === undefined || found === before) found.renewRoot();
    return this.#kept(index, found);
  }

  /** Overwrites the roots of a slot with random bytes, durably: no key opens it any more. */
  scrubSlot(index: number): void {
    this.#requireClosed(index);
    for (const copy of [0, 1]) {
      this.#file.write(this.#file.randomBytes(BLOCK_BYTES), this.#file.addressOf(index, copy));
    }
    this.#file.flush();
  }

  /** Closes the open slots and the file. */
  close(): void {
    for (const slot of this.#open.values()) slot.close();
    this.#open.clear();
    this.#file.close();
  }

  #kept(index: number, slot: OpenSlot): Slot {
    this.#open.set(index, slot);
    return slot;
  }

  #requireClosed(index: number): void {
    if (!Number.isInteger(index) || index < 0 || index >= SLOT_COUNT) throw new RangeError("no such slot");
    if (this.#open.get(index)?.isOpen === true) throw new RangeError("the slot is open");
  }
}
