import { DecryptError, KeyError } from "./errors.ts";
import { requireLength } from "./lengths.ts";
import type { Random } from "./random.ts";
import { align, inHeap } from "./sodium/heap.ts";
import { wrapped } from "./sodium/sodium.ts";

/** The private key of X-Wing is its seed. */
export const KEM_PRIVATE_KEY_BYTES = 32;
export const KEM_PUBLIC_KEY_BYTES = 1216;
export const KEM_CIPHERTEXT_BYTES = 1120;
export const KEM_SECRET_BYTES = 32;
const ENCAPSULATION_SEED_BYTES = 64;

export interface KemKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A new X-Wing key pair (draft-connolly-cfrg-xwing-kem §5.2): public key of 1,216 bytes, private key of 32. */
export function kemKeyPair(random: Random): KemKeyPair {
  return kemKeyPairFromSeed(random.bytes(KEM_PRIVATE_KEY_BYTES));
}

/** The X-Wing key pair of a 32-byte private key (draft §5.2, GenerateKeyPairDerand). */
export function kemKeyPairFromSeed(seed: Uint8Array): KemKeyPair {
  requireLength(seed, KEM_PRIVATE_KEY_BYTES, "seed");
  return inHeap(KEM_PUBLIC_KEY_BYTES + 2 * KEM_PRIVATE_KEY_BYTES, (heap) => {
    const publicKey = heap.space(KEM_PUBLIC_KEY_BYTES);
    const privateKey = heap.space(KEM_PRIVATE_KEY_BYTES);
    heap.sodium._crypto_kem_xwing_seed_keypair(publicKey, privateKey, heap.put(seed));
    return {
      publicKey: heap.take(publicKey, KEM_PUBLIC_KEY_BYTES),
      privateKey: heap.take(privateKey, KEM_PRIVATE_KEY_BYTES),
    };
  });
}

/**
 * HPKE's DeriveKeyPair for X-Wing (draft-11 §5.6): the seed is SHAKE256 of `inputKeyMaterial`, of at least 32 bytes.
 * draft-ietf-hpke-pq gives the same KEM number another derivation. Members derive each other's path keys with this one
 * (RFC 9420 §7.4), so it belongs to what our suite number stands for.
 */
export function kemDeriveKeyPair(inputKeyMaterial: Uint8Array): KemKeyPair {
  if (inputKeyMaterial.length < KEM_PRIVATE_KEY_BYTES) throw new RangeError("too little key material");
  return kemKeyPairFromSeed(wrapped().crypto_xof_shake256(KEM_PRIVATE_KEY_BYTES, inputKeyMaterial));
}

/**
 * A fresh shared secret of 32 bytes, and the 1,120 bytes by which `publicKey`'s owner finds it (draft §5.4).
 *
 * @throws {@link KeyError} if the key has another length, ML-KEM coefficients out of range (FIPS 203 §7.2), or an
 *   X25519 part of small order.
 */
export function kemEncapsulate(
  publicKey: Uint8Array,
  random: Random,
): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array } {
  return kemEncapsulateWithSeed(publicKey, random.bytes(ENCAPSULATION_SEED_BYTES));
}

/** {@link kemEncapsulate} with its 64 bytes of randomness given (draft §5.4.1, EncapsulateDerand). For vectors. */
export function kemEncapsulateWithSeed(
  publicKey: Uint8Array,
  seed: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly secret: Uint8Array } {
  requireLength(seed, ENCAPSULATION_SEED_BYTES, "seed");
  if (publicKey.length !== KEM_PUBLIC_KEY_BYTES) throw new KeyError();
  const region = KEM_CIPHERTEXT_BYTES + KEM_SECRET_BYTES + KEM_PUBLIC_KEY_BYTES + align(seed.length);
  return inHeap(region, (heap) => {
    const ciphertext = heap.space(KEM_CIPHERTEXT_BYTES);
    const secret = heap.space(KEM_SECRET_BYTES);
    const failed = heap.sodium._crypto_kem_xwing_enc_deterministic(
      ciphertext,
      secret,
      heap.put(publicKey),
      heap.put(seed),
    );
    if (failed !== 0) throw new KeyError();
    return { ciphertext: heap.take(ciphertext, KEM_CIPHERTEXT_BYTES), secret: heap.take(secret, KEM_SECRET_BYTES) };
  });
}

/**
 * The shared secret of an encapsulation (draft §5.5). A forged ciphertext of the right length yields an unrelated
 * secret instead of an error; the AEAD that uses the secret notices.
 *
 * @throws {@link DecryptError} if `ciphertext` has another length or an X25519 part of small order.
 */
export function kemDecapsulate(privateKey: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  requireLength(privateKey, KEM_PRIVATE_KEY_BYTES, "private key");
  if (ciphertext.length !== KEM_CIPHERTEXT_BYTES) throw new DecryptError();
  return inHeap(KEM_SECRET_BYTES + KEM_CIPHERTEXT_BYTES + KEM_PRIVATE_KEY_BYTES, (heap) => {
    const secret = heap.space(KEM_SECRET_BYTES);
    const failed = heap.sodium._crypto_kem_xwing_dec(secret, heap.put(ciphertext), heap.put(privateKey));
    if (failed !== 0) throw new DecryptError();
    return heap.take(secret, KEM_SECRET_BYTES);
  });
}
