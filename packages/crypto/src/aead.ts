import { DecryptError } from "./errors.ts";
import { requireLength } from "./lengths.ts";
import { align, inHeap, type Heap } from "./sodium/heap.ts";
import type { RawOpen, RawSeal } from "./sodium/raw-sodium.ts";

export const AEAD_KEY_BYTES = 32;
export const AEAD_TAG_BYTES = 16;
export const AEAD_NONCE_BYTES = 12;
export const XAEAD_NONCE_BYTES = 24;

/** ChaCha20-Poly1305 (RFC 8439 §2.8), 12-byte nonce. @returns ciphertext followed by its 16-byte tag. */
export function aeadSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  requireLength(nonce, AEAD_NONCE_BYTES, "nonce");
  return seal((heap) => heap.sodium._crypto_aead_chacha20poly1305_ietf_encrypt, key, nonce, associatedData, plaintext);
}

/** Opens what {@link aeadSeal} sealed. @throws {@link DecryptError} if anything differs. */
export function aeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  requireLength(nonce, AEAD_NONCE_BYTES, "nonce");
  return open((heap) => heap.sodium._crypto_aead_chacha20poly1305_ietf_decrypt, key, nonce, associatedData, ciphertext);
}

/** XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 §2), whose 24-byte nonce may be random. */
export function xaeadSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  requireLength(nonce, XAEAD_NONCE_BYTES, "nonce");
  return seal((heap) => heap.sodium._crypto_aead_xchacha20poly1305_ietf_encrypt, key, nonce, associatedData, plaintext);
}

/** Opens what {@link xaeadSeal} sealed. @throws {@link DecryptError} if anything differs. */
export function xaeadOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  requireLength(nonce, XAEAD_NONCE_BYTES, "nonce");
  return open(
    (heap) => heap.sodium._crypto_aead_xchacha20poly1305_ietf_decrypt,
    key,
    nonce,
    associatedData,
    ciphertext,
  );
}

function seal(
  algorithm: (heap: Heap) => RawSeal,
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  requireLength(key, AEAD_KEY_BYTES, "key");
  return inHeap(regionBytes(key, nonce, associatedData, plaintext), (heap) => {
    // The cipher works in place: the ciphertext overwrites the plaintext.
    const text = heap.space(plaintext.length + AEAD_TAG_BYTES);
    heap.sodium.HEAPU8.set(plaintext, text);
    algorithm(heap)(
      text,
      0,
      text,
      plaintext.length,
      0,
      heap.put(associatedData),
      associatedData.length,
      0,
      0,
      heap.put(nonce),
      heap.put(key),
    );
    return heap.take(text, plaintext.length + AEAD_TAG_BYTES);
  });
}

function open(
  algorithm: (heap: Heap) => RawOpen,
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  requireLength(key, AEAD_KEY_BYTES, "key");
  if (ciphertext.length < AEAD_TAG_BYTES) throw new DecryptError();
  return inHeap(regionBytes(key, nonce, associatedData, ciphertext), (heap) => {
    const text = heap.put(ciphertext);
    const failed = algorithm(heap)(
      text,
      0,
      0,
      text,
      ciphertext.length,
      0,
      heap.put(associatedData),
      associatedData.length,
      0,
      heap.put(nonce),
      heap.put(key),
    );
    if (failed !== 0) throw new DecryptError();
    return heap.take(text, ciphertext.length - AEAD_TAG_BYTES);
  });
}

function regionBytes(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, text: Uint8Array): number {
  return align(key.length) + align(nonce.length) + align(associatedData.length) + align(text.length + AEAD_TAG_BYTES);
}
