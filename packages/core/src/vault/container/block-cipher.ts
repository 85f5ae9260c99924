import { DecryptError, wipe, xaeadOpenPage, xaeadSealPage } from "@stonechat/crypto";
import { StorageError } from "../../ports/storage-error.ts";
import { nonceOf, tagOf } from "./entry.ts";

/** What a key of blocks is for; bound to each block. */
export type BlockUse = "database" | "directory" | "attachment";

const USE_BYTE: Readonly<Record<BlockUse, number>> = { database: 1, directory: 2, attachment: 3 };

/** Place of a block in its file: level 0 holds the file's bytes, each level above the map of the one below. */
export type BlockPlace = { readonly level: number; readonly index: number };

/**
 * Encrypts the blocks of one file, each bound to its place:
 *
 * ```text
 * struct {
 *   uint8  use;        // 1 database, 2 directory, 3 attachment
 *   uint8  level;
 *   opaque index[6];   // big-endian
 * } BlockData;         // the associated data
 * ```
 */
export class BlockCipher {
  readonly #key: Uint8Array;
  readonly #data = new Uint8Array(8);
  readonly #view = new DataView(this.#data.buffer);

  /** Takes over `key`, 32 bytes. */
  constructor(use: BlockUse, key: Uint8Array) {
    this.#key = key;
    this.#data[0] = USE_BYTE[use];
  }

  /** Encrypts under the nonce in `entry`, and puts the tag beside it. */
  seal({ level, index }: BlockPlace, entry: Uint8Array, plaintext: Uint8Array, ciphertext: Uint8Array): void {
    xaeadSealPage(this.#key, nonceOf(entry), this.#bound(level, index), plaintext, ciphertext, tagOf(entry));
  }

  /** @throws StorageError `corrupt` if the block is not the one that the entry stands for. */
  open({ level, index }: BlockPlace, entry: Uint8Array, ciphertext: Uint8Array, plaintext: Uint8Array): void {
    try {
      xaeadOpenPage(this.#key, nonceOf(entry), this.#bound(level, index), ciphertext, tagOf(entry), plaintext);
    } catch (error) {
      if (error instanceof DecryptError) throw new StorageError("corrupt", "read block", error);
      throw error;
    }
  }

  /** Forgets the key. */
  close(): void {
    wipe(this.#key);
  }

  #bound(level: number, index: number): Uint8Array {
    this.#data[1] = level;
    this.#view.setUint16(2, Math.floor(index / 2 ** 32));
    this.#view.setUint32(4, index % 2 ** 32);
    return this.#data;
  }
}
