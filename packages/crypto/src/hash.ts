import { align, inHeap } from "./sodium/heap.ts";
import { wrapped } from "./sodium/sodium.ts";

export const SHA256_BYTES = 32;
export const SHA512_BYTES = 64;

/** SHA-256 (RFC 6234 §6.2): 32 bytes. */
export function sha256(message: Uint8Array): Uint8Array {
  return inHeap(align(message.length) + align(SHA256_BYTES), (heap) => {
    const out = heap.space(SHA256_BYTES);
    heap.sodium._crypto_hash_sha256(out, heap.put(message), message.length, 0);
    return heap.take(out, SHA256_BYTES);
  });
}

/** SHA-512 (RFC 6234 §6.4): 64 bytes. */
export function sha512(message: Uint8Array): Uint8Array {
  return inHeap(align(message.length) + align(SHA512_BYTES), (heap) => {
    const out = heap.space(SHA512_BYTES);
    heap.sodium._crypto_hash_sha512(out, heap.put(message), message.length, 0);
    return heap.take(out, SHA512_BYTES);
  });
}

/** SHA-256 over pieces. After `digest` it must not be used again. */
export interface Sha256 {
  update(piece: Uint8Array): void;
  digest(): Uint8Array;
}

/** Begins a SHA-256 over pieces. The caller must call `digest`, which frees its memory. */
export function createSha256(): Sha256 {
  const sodium = wrapped();
  const state = sodium.crypto_hash_sha256_init();
  let finished = false;
  const requireOpen = (): void => {
    if (finished) throw new RangeError("digest was already taken");
  };
  return {
    update(piece) {
      requireOpen();
      sodium.crypto_hash_sha256_update(state, piece);
    },
    digest() {
      requireOpen();
      finished = true;
      return sodium.crypto_hash_sha256_final(state);
    },
  };
}
