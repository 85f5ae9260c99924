import type { MlsPrimitives } from "@stonechat/crypto";
import type { Capabilities } from "ts-mls/capabilities.js";
import type { CiphersuiteImpl, CiphersuiteName } from "ts-mls/crypto/ciphersuite.js";
import type { PrivateKey, PublicKey } from "ts-mls/crypto/hpke.js";

/**
 * MLS_256_XWING_CHACHA20POLY1305_SHA512_Ed25519 under a number of the private range (RFC 9420 §17.1): the drafts'
 * numbers are provisional. The one suite there is; a group, KeyPackage or Welcome of another is refused.
 */
export const SUITE_ID = 0xf00e;
/** `mls10` (RFC 9420 §6). */
export const PROTOCOL_VERSION = 1;

export const HASH_BYTES = 64;
export const KEM_PUBLIC_BYTES = 1216;
export const KEM_PRIVATE_BYTES = 32;
export const KEM_OUTPUT_BYTES = 1120;
export const AEAD_TAG_BYTES = 16;
export const SIGNATURE_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** The library writes a suite name that it does not know as the number it spells, so ours goes on the wire as it is. */
export const SUITE_NAME = String(SUITE_ID) as CiphersuiteName;

/** What every leaf must list, no more and no less (RFC 9420 §7.2). */
export const CAPABILITIES: Capabilities = {
  versions: ["mls10"],
  ciphersuites: [SUITE_NAME],
  extensions: [],
  proposals: [],
  credentials: ["basic"],
};

/** The suite as we use it, and as the library wants it. */
export interface Suite {
  readonly primitives: MlsPrimitives;
  readonly library: CiphersuiteImpl;
}

/** Dresses our synchronous primitives for the library, whose keys are opaque to it: ours are plain bytes. */
export function createSuite(primitives: MlsPrimitives): Suite {
  const p = primitives;
  const library: CiphersuiteImpl = {
    name: SUITE_NAME,
    hash: {
      digest: (data) => promised(() => p.digest(data)),
      mac: (key, data) => promised(() => p.mac(key, data)),
      verifyMac: (key, mac, data) => promised(() => p.verifyMac(key, mac, data)),
    },
    kdf: {
      size: p.kdfBytes,
      extract: (salt, material) => promised(() => p.extract(salt, material)),
      expand: (key, info, length) => promised(() => p.expand(key, info, length)),
    },
    signature: {
      sign: (key, message) => promised(() => p.sign(key, message)),
      verify: (key, message, signature) => promised(() => p.verify(key, message, signature)),
      keygen: () =>
        promised(() => {
          const { publicKey, privateKey } = p.signGenerateKeyPair();
          return { publicKey, signKey: privateKey };
        }),
    },
    rng: { randomBytes: (length) => p.randomBytes(length) },
    hpke: {
      keyLength: p.aeadKeyBytes,
      nonceLength: p.aeadNonceBytes,
      seal: (publicKey, plaintext, info, associatedData) =>
        promised(() => {
          const sealed = p.hpkeSeal(toBytes(publicKey), info, associatedData ?? EMPTY, plaintext);
          return { ct: sealed.ciphertext, enc: sealed.kemOutput };
        }),
      open: (privateKey, kemOutput, ciphertext, info, associatedData) =>
        promised(() => p.hpkeOpen(toBytes(privateKey), info, associatedData ?? EMPTY, kemOutput, ciphertext)),
      importPrivateKey: (bytes) => promised(() => toPrivateKey(bytes)),
      importPublicKey: (bytes) => promised(() => toPublicKey(bytes)),
      exportPublicKey: (key) => promised(() => toBytes(key)),
      exportPrivateKey: (key) => promised(() => toBytes(key)),
      encryptAead: (key, nonce, associatedData, plaintext) =>
        promised(() => p.aeadSeal(key, nonce, associatedData ?? EMPTY, plaintext)),
      decryptAead: (key, nonce, associatedData, ciphertext) =>
        promised(() => p.aeadOpen(key, nonce, associatedData ?? EMPTY, ciphertext)),
      exportSecret: (publicKey, context, length, info) =>
        promised(() => {
          const { kemOutput, secret } = p.hpkeExportSecret(toBytes(publicKey), info, context, length);
          return { enc: kemOutput, secret };
        }),
      importSecret: (privateKey, context, kemOutput, length, info) =>
        promised(() => p.hpkeImportSecret(toBytes(privateKey), info, context, kemOutput, length)),
      deriveKeyPair: (material) => promised(() => toKeyPair(p.kemDeriveKeyPair(material))),
      generateKeyPair: () => promised(() => toKeyPair(p.kemGenerateKeyPair())),
    },
  };
  return { primitives, library };
}

const EMPTY = new Uint8Array(0);

// The library types keys as WebCrypto's, but only hands them back to the functions above: three casts hold that seam.
const toBytes = (key: PublicKey | PrivateKey): Uint8Array => key as unknown as Uint8Array;
const toPublicKey = (bytes: Uint8Array): PublicKey => bytes as unknown as PublicKey;
const toPrivateKey = (bytes: Uint8Array): PrivateKey => bytes as unknown as PrivateKey;

function toKeyPair(pair: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }): {
  privateKey: PrivateKey;
  publicKey: PublicKey;
} {
  return { publicKey: toPublicKey(pair.publicKey), privateKey: toPrivateKey(pair.privateKey) };
}

function promised<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
