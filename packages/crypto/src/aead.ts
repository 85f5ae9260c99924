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

/**
 * As {@link xaeadSeal}, for many pages in a row: into the caller's buffers, the tag apart. `ciphertext` is as long as
 * `plaintext`, and may be the same bytes.
 */
export function xaeadSealPage(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): void {
  requirePage(key, nonce, plaintext, ciphertext, tag);
  inHeap(regionBytes(key, nonce, associatedData, plaintext), (heap) => {
    const text = heap.space(plaintext.length + AEAD_TAG_BYTES);
    heap.sodium.HEAPU8.set(plaintext, text);
    const data = heap.put(associatedData);
    const [noncePointer, keyPointer] = [heap.put(nonce), heap.put(key)];
    heap.sodium._crypto_aead_xchacha20poly1305_ietf_encrypt(
      text,
      0,
      text,
      plaintext.length,
      0,
      data,
      associatedData.length,
      0,
      0,
      noncePointer,
      keyPointer,
    );
    const end = text + plaintext.length;
    ciphertext.set(heap.sodium.HEAPU8.subarray(text, end));
    tag.set(heap.sodium.HEAPU8.subarray(end, end + AEAD_TAG_BYTES));
  });
}

/** Opens what {@link xaeadSealPage} sealed, into `plaintext`. @throws {@link DecryptError} if anything differs. */
export function xaeadOpenPage(
  key: Uint8Array,
  nonce: Uint8Array,
  associatedData: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
  plaintext: Uint8Array,
): void {
  requirePage(key, nonce, plaintext, ciphertext, tag);
  inHeap(regionBytes(key, nonce, associatedData, ciphertext), (heap) => {
    const text = heap.space(ciphertext.length + AEAD_TAG_BYTES);
    heap.sodium.HEAPU8.set(ciphertext, text);
    heap.sodium.HEAPU8.set(tag, text + ciphertext.length);
    const data = heap.put(associatedData);
    const [noncePointer, keyPointer] = [heap.put(nonce), heap.put(key)];
    const failed = heap.sodium._crypto_aead_xchacha20poly1305_ietf_decrypt(
      text,
      0,
      0,
      text,
      ciphertext.length + AEAD_TAG_BYTES,
      0,
      data,
      associatedData.length,
      0,
      noncePointer,
      keyPointer,
    );
    if (failed !== 0) throw new DecryptError();
    plaintext.set(heap.sodium.HEAPU8.subarray(text, text + ciphertext.length));
  });
}

function requirePage(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  ciphertext: Uint8Array,
  tag: Uint8Array,
): void {
  requireLength(key, AEAD_KEY_BYTES, "key");
  requireLength(nonce, XAEAD_NONCE_BYTES, "nonce");
  requireLength(tag, AEAD_TAG_BYTES, "tag");
  requireLength(ciphertext, plaintext.length, "ciphertext");
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
