import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, aeadOpen, aeadSeal } from "./aead.ts";
import { SHA512_BYTES, sha512 } from "./hash.ts";
import { hkdfExpand, hkdfExtract, hmacSha512 } from "./hkdf.ts";
import { hpkeExport, hpkeOpenApart, hpkeSealApart, hpkeSetupReceiver, hpkeSetupSender } from "./hpke.ts";
import { kemDeriveKeyPair, kemKeyPair, type KemKeyPair } from "./kem.ts";
import type { Random } from "./random.ts";
import { equalSecrets } from "./secrets.ts";
import { ed25519Sign, ed25519Verify, signKeyPair, type SignKeyPair } from "./signature.ts";

/**
 * All that an MLS cipher suite is made of (RFC 9420 §5.1), for X-Wing, ChaCha20-Poly1305, SHA-512 and Ed25519.
 * Synchronous; `core/mls` dresses it up for its library.
 */
export interface MlsPrimitives {
  /** SHA-512. */
  digest(data: Uint8Array): Uint8Array;
  /** HMAC-SHA-512. */
  mac(key: Uint8Array, data: Uint8Array): Uint8Array;
  /** Constant time. */
  verifyMac(key: Uint8Array, mac: Uint8Array, data: Uint8Array): boolean;
  /** Bytes of a hash and of `extract`'s output. */
  readonly kdfBytes: number;
  extract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array;
  expand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
  readonly aeadKeyBytes: number;
  readonly aeadNonceBytes: number;
  aeadSeal(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** @throws {@link DecryptError} */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** @throws {@link KeyError} if the public key cannot be used. */
  hpkeSeal(
    publicKey: Uint8Array,
    info: Uint8Array,
    associatedData: Uint8Array,
    plaintext: Uint8Array,
  ): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array };
  /** @throws {@link DecryptError} */
  hpkeOpen(
    privateKey: Uint8Array,
    info: Uint8Array,
    associatedData: Uint8Array,
    kemOutput: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array;
  /** For external joins (RFC 9420 §8.3). @throws {@link KeyError} if the public key cannot be used. */
  hpkeExportSecret(
    publicKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    length: number,
  ): { readonly kemOutput: Uint8Array; readonly secret: Uint8Array };
  /** @throws {@link DecryptError} */
  hpkeImportSecret(
    privateKey: Uint8Array,
    info: Uint8Array,
    exporterContext: Uint8Array,
    kemOutput: Uint8Array,
    length: number,
  ): Uint8Array;
  kemDeriveKeyPair(inputKeyMaterial: Uint8Array): KemKeyPair;
  kemGenerateKeyPair(): KemKeyPair;
  sign(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  signGenerateKeyPair(): SignKeyPair;
  randomBytes(length: number): Uint8Array;
}

/** The primitives of our one MLS suite. @throws InvariantError, at use, before `initCrypto` is done. */
export function mlsPrimitives(random: Random): MlsPrimitives {
  return {
    digest: sha512,
    mac: hmacSha512,
    verifyMac: (key, mac, data) => equalSecrets(hmacSha512(key, data), mac),
    kdfBytes: SHA512_BYTES,
    extract: hkdfExtract,
    expand: hkdfExpand,
    aeadKeyBytes: AEAD_KEY_BYTES,
    aeadNonceBytes: AEAD_NONCE_BYTES,
    aeadSeal,
    aeadOpen,
    hpkeSeal: (publicKey, info, associatedData, plaintext) =>
      hpkeSealApart(publicKey, info, associatedData, plaintext, random),
    hpkeOpen: hpkeOpenApart,
    hpkeExportSecret(publicKey, info, exporterContext, length) {
      const { kemOutput, context } = hpkeSetupSender(publicKey, info, random);
      return { kemOutput, secret: hpkeExport(context, exporterContext, length) };
    },
    hpkeImportSecret: (privateKey, info, exporterContext, kemOutput, length) =>
      hpkeExport(hpkeSetupReceiver(privateKey, kemOutput, info), exporterContext, length),
    kemDeriveKeyPair,
    kemGenerateKeyPair: () => kemKeyPair(random),
    sign: (privateKey, message) => ed25519Sign(message, privateKey),
    verify: (publicKey, message, signature) => ed25519Verify(message, signature, publicKey),
    signGenerateKeyPair: () => signKeyPair(random),
    randomBytes: (length) => random.bytes(length),
  };
}
