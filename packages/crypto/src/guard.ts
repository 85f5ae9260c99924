/**
 * What a guard may use: what a relay may, and what opens the requests that are sealed to its own key. A guard holds no
 * content; what it opens is what was asked of it.
 */
export * from "./issuer.ts";
export { DecryptError } from "./errors.ts";
export { aeadOpen, aeadSeal, AEAD_TAG_BYTES } from "./aead.ts";
export { KEM_PRIVATE_KEY_BYTES, KEM_PUBLIC_KEY_BYTES, kemKeyPairFromSeed, type KemKeyPair } from "./kem.ts";
export { HPKE_OVERHEAD_BYTES, hpkeSetupReceiver } from "./hpke.ts";
export { deriveKey, labelledMac } from "./derive.ts";
export { labelled } from "./labels.ts";
export { verify } from "./signature.ts";
export { voprfShareKeyPair } from "./voprf-server.ts";
export * from "./guard-channel.ts";
export * from "./guard-entry.ts";
