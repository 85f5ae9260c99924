import { deriveKey, wipe } from "@stonechat/crypto";
import { BlockCipher } from "./block-cipher.ts";

const KEY_BYTES = 32;
const NO_CONTEXT = new Uint8Array(0);

/** What lies under a slot's key. */
export class SlotKeys {
  readonly root: Uint8Array;
  readonly database: BlockCipher;
  readonly directory: BlockCipher;

  /** @throws RangeError unless `key` has 32 bytes. It stays the caller's. */
  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new RangeError("a slot's key has 32 bytes");
    this.root = deriveKey(key, "slot root", NO_CONTEXT, KEY_BYTES);
    this.database = new BlockCipher("database", deriveKey(key, "slot database", NO_CONTEXT, KEY_BYTES));
    this.directory = new BlockCipher("directory", deriveKey(key, "slot directory", NO_CONTEXT, KEY_BYTES));
  }

  close(): void {
    wipe(this.root);
    this.database.close();
    this.directory.close();
  }
}
