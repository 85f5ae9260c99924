import { AEAD_KEY_BYTES, AEAD_TAG_BYTES, aeadOpen, aeadSeal } from "./aead.ts";
import { requireLength } from "./lengths.ts";

/** Plaintext bytes of every chunk but the last, which may be shorter. */
export const STREAM_CHUNK_BYTES = 65_536;
export const STREAM_TAG_BYTES = AEAD_TAG_BYTES;
export const STREAM_PREFIX_BYTES = 7;
const MAX_CHUNKS = 2 ** 32;
const NO_DATA = new Uint8Array(0);

/** Encrypts a file chunk by chunk. */
export interface StreamSealer {
  /** @returns the chunk's ciphertext, {@link STREAM_TAG_BYTES} longer. The same index must never seal two chunks. */
  seal(chunkIndex: number, chunk: Uint8Array, last: boolean): Uint8Array;
}

/** Decrypts chunks of a file in any order. */
export interface StreamOpener {
  /** @throws {@link DecryptError} unless this chunk was sealed at this index and is, or is not, the last. */
  open(chunkIndex: number, ciphertext: Uint8Array, last: boolean): Uint8Array;
}

/**
 * The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse
 * Misuse-Resistance, §7) over ChaCha20-Poly1305: chunks cannot be moved, left out, repeated, cut off or added.
 *
 * ```text
 * nonce = prefix[7] ‖ uint32 chunk_index ‖ uint8 last
 * ```
 *
 * @param key - 32 bytes for this stream alone.
 * @param prefix - 7 bytes; may be fixed, since the key is.
 */
export function streamSealer(key: Uint8Array, prefix: Uint8Array): StreamSealer {
  requireKey(key, prefix);
  return {
    seal(chunkIndex, chunk, last) {
      if (last ? chunk.length > STREAM_CHUNK_BYTES : chunk.length !== STREAM_CHUNK_BYTES) {
        throw new RangeError("chunk has the wrong length");
      }
      return aeadSeal(key, nonce(prefix, chunkIndex, last), NO_DATA, chunk);
    },
  };
}

/** Opens what {@link streamSealer} sealed with the same key and prefix. */
export function streamOpener(key: Uint8Array, prefix: Uint8Array): StreamOpener {
  requireKey(key, prefix);
  return {
    open: (chunkIndex, ciphertext, last) => aeadOpen(key, nonce(prefix, chunkIndex, last), NO_DATA, ciphertext),
  };
}

function requireKey(key: Uint8Array, prefix: Uint8Array): void {
  requireLength(key, AEAD_KEY_BYTES, "key");
  requireLength(prefix, STREAM_PREFIX_BYTES, "prefix");
}

function nonce(prefix: Uint8Array, chunkIndex: number, last: boolean): Uint8Array {
  if (!Number.isInteger(chunkIndex) || chunkIndex < 0 || chunkIndex >= MAX_CHUNKS) {
    throw new RangeError("chunk index out of range");
  }
  const out = new Uint8Array(STREAM_PREFIX_BYTES + 5);
  out.set(prefix);
  new DataView(out.buffer).setUint32(STREAM_PREFIX_BYTES, chunkIndex);
  out[STREAM_PREFIX_BYTES + 4] = last ? 1 : 0;
  return out;
}
