export { initCrypto } from "./sodium/sodium.ts";
export * from "./errors.ts";
export * from "./random.ts";
export * from "./secrets.ts";
export * from "./hash.ts";
export { hkdfExpand, hkdfExtract, hmacSha512 } from "./hkdf.ts";
export * from "./labels.ts";
export * from "./derive.ts";
export * from "./signature.ts";
export * from "./aead.ts";
export {
  KEM_CIPHERTEXT_BYTES,
  KEM_PRIVATE_KEY_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  KEM_SECRET_BYTES,
  kemDecapsulate,
  kemDeriveKeyPair,
  kemEncapsulate,
  kemKeyPair,
  kemKeyPairFromSeed,
  type KemKeyPair,
} from "./kem.ts";
export * from "./hpke.ts";
export * from "./argon2id.ts";
export * from "./stream.ts";
export * from "./padme.ts";
export * from "./voprf-suite.ts";
export * from "./voprf-client.ts";
export { joinShares, splitScalar, type ScalarShare } from "./secret-sharing.ts";
export * from "./threshold-voprf.ts";
export * from "./guard-channel.ts";
export * from "./guard-entry.ts";
export * from "./mls-primitives.ts";
