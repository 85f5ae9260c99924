/**
 * What a map keeps of one block: where it lies, and what its ciphertext needs beside it.
 *
 * ```text
 * struct {
 *   uint32 block;        // 0: nothing was ever written here, all zeros
 *   opaque nonce[24];
 *   opaque tag[16];
 * } Entry;
 * ```
 */
export const ENTRY_BYTES = 44;

const NONCE_AT = 4;
const TAG_AT = 28;

/** The block that an entry names; 0 for none. */
export function blockOf(entry: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = entry;
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}

export function setBlock(entry: Uint8Array, block: number): void {
  entry[0] = block >>> 24;
  entry[1] = block >>> 16;
  entry[2] = block >>> 8;
  entry[3] = block;
}

export function nonceOf(entry: Uint8Array): Uint8Array {
  return entry.subarray(NONCE_AT, TAG_AT);
}

export function tagOf(entry: Uint8Array): Uint8Array {
  return entry.subarray(TAG_AT, ENTRY_BYTES);
}
