import type { Random } from "@stonechat/crypto";
import type { BlockFile } from "../../ports/block-file.ts";
import { CONTAINER_DEFAULTS, type ContainerSizes } from "./sizes.ts";
import type { Slot } from "./slot.ts";

/** The one file that all vaults of a device lie in. Every byte of it looks random, used or not. */
export class Container {
  private constructor(
    _file: BlockFile,
    _random: Random,
    _sizes: ContainerSizes,
  ) {
    throw new RangeError("not built yet");
  }

  /** Fills a new file with random bytes: two header copies and one chunk for each slot. Durable when it returns. */
  static create(file: BlockFile, random: Random, sizes: ContainerSizes = CONTAINER_DEFAULTS): Container {
    return new Container(file, random, sizes);
  }

  /** Opens an existing file. Nothing in it can be recognised: @throws StorageError `corrupt` if it is too short. */
  static open(file: BlockFile, random: Random, sizes: ContainerSizes = CONTAINER_DEFAULTS): Container {
    return new Container(file, random, sizes);
  }

  /** Length of the file. */
  get fileBytes(): number {
    throw new RangeError("not built yet");
  }

  /** The whole of a header copy. */
  readHeader(_copy: 0 | 1): Uint8Array {
    throw new RangeError("not built yet");
  }

  /** Replaces a header copy, not yet durably. */
  writeHeader(_copy: 0 | 1, _bytes: Uint8Array): void {
    throw new RangeError("not built yet");
  }

  /** Returns when everything written so far survives power loss. */
  flush(): void {
    throw new RangeError("not built yet");
  }

  /** Makes an empty slot under this 32-byte key. Durable when it returns. */
  formatSlot(_index: number, _key: Uint8Array): Slot {
    throw new RangeError("not built yet");
  }

  /** Opens a slot, or undefined if the key opens nothing there: unused, another's and destroyed are one answer. */
  openSlot(_index: number, _key: Uint8Array): Slot | undefined {
    throw new RangeError("not built yet");
  }

  /** Overwrites the roots of a slot with random bytes, durably: no key opens it any more. */
  scrubSlot(_index: number): void {
    throw new RangeError("not built yet");
  }

  /** Closes the open slots and the file. */
  close(): void {
    throw new RangeError("not built yet");
  }
}
