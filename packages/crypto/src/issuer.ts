/** What a relay or a guard may use. Nothing here opens a ciphertext, and a test holds that it stays so. */
export { initCrypto } from "./sodium/sodium.ts";
export { InvariantError, KeyError } from "./errors.ts";
export { systemRandom, type Random } from "./random.ts";
export { equalSecrets, wipe } from "./secrets.ts";
export { createSha256, SHA256_BYTES, sha256, type Sha256 } from "./hash.ts";
export * from "./voprf-suite.ts";
export { voprfDeriveKeyPair, voprfEvaluate, type VoprfKeyPair } from "./voprf-server.ts";
