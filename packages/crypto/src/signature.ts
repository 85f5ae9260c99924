import { labelled, type FramedLabel } from "./labels.ts";
import { requireLength } from "./lengths.ts";
import type { Random } from "./random.ts";
import { align, inHeap } from "./sodium/heap.ts";
import { wrapped } from "./sodium/sodium.ts";

export const SIGN_SEED_BYTES = 32;
export const SIGN_PUBLIC_KEY_BYTES = 32;
/** Seed followed by public key, as libsodium keeps it. */
export const SIGN_PRIVATE_KEY_BYTES = 64;
export const SIGNATURE_BYTES = 64;

export interface SignKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A new Ed25519 key pair (RFC 8032 §5.1.5): public key of 32 bytes, private key of 64. */
export function signKeyPair(random: Random): SignKeyPair {
  return signKeyPairFromSeed(random.bytes(SIGN_SEED_BYTES));
}

/** The Ed25519 key pair of a 32-byte seed. */
export function signKeyPairFromSeed(seed: Uint8Array): SignKeyPair {
  requireLength(seed, SIGN_SEED_BYTES, "seed");
  const { publicKey, privateKey } = wrapped().crypto_sign_seed_keypair(seed);
  return { publicKey, privateKey };
}

/** Signs `message` under `label` ({@link labelled}): 64 bytes. */
export function sign(label: FramedLabel, message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  return ed25519Sign(labelled(label, message), privateKey);
}

/** Whether `signature` is `publicKey`'s over `message` under `label`. Verdicts on odd input: {@link ed25519Verify}. */
export function verify(label: FramedLabel, message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  return ed25519Verify(labelled(label, message), signature, publicKey);
}

/** Plain Ed25519 (RFC 8032 §5.1.6). For MLS, which frames its labels itself; everything else uses {@link sign}. */
export function ed25519Sign(message: Uint8Array, privateKey: Uint8Array): Uint8Array {
  requireLength(privateKey, SIGN_PRIVATE_KEY_BYTES, "private key");
  return inHeap(align(message.length) + SIGN_PRIVATE_KEY_BYTES + SIGNATURE_BYTES, (heap) => {
    const signature = heap.space(SIGNATURE_BYTES);
    heap.sodium._crypto_sign_detached(signature, 0, heap.put(message), message.length, 0, heap.put(privateKey));
    return heap.take(signature, SIGNATURE_BYTES);
  });
}

/**
 * Plain Ed25519 verification (RFC 8032 §5.1.7), strict: of the inputs on which implementations disagree, all are refused.
 *
 * | input | verdict |
 * |---|---|
 * | signature or key of another length | `false` |
 * | S not below the group order | `false` |
 * | public key or R not in its canonical encoding | `false` |
 * | public key or R of small order | `false` |
 * | equation that holds only after multiplication by the cofactor | `false` |
 */
export function ed25519Verify(message: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== SIGN_PUBLIC_KEY_BYTES) return false;
  return inHeap(align(message.length) + SIGNATURE_BYTES + SIGN_PUBLIC_KEY_BYTES, (heap) => {
    const outcome = heap.sodium._crypto_sign_verify_detached(
      heap.put(signature),
      heap.put(message),
      message.length,
      0,
      heap.put(publicKey),
    );
    return outcome === 0;
  });
}
