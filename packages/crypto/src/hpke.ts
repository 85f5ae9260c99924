import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, AEAD_TAG_BYTES, aeadOpen, aeadSeal } from "./aead.ts";
import { concat } from "./concat.ts";
import { DecryptError } from "./errors.ts";
import { SHA512_BYTES } from "./hash.ts";
import { hkdfExpand, hkdfExtract } from "./hkdf.ts";
import { KEM_CIPHERTEXT_BYTES, kemDecapsulate, kemEncapsulate } from "./kem.ts";
import type { Random } from "./random.ts";
import { wipe } from "./secrets.ts";

/**
 * HPKE in base mode (RFC 9180 §5.1.1) with one suite: KEM X-Wing (0x647a), KDF HKDF-SHA512 (0x0003) and
 * AEAD ChaCha20-Poly1305 (0x0003).
 */
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const EMPTY = new Uint8Array(0);
const MODE_BASE = Uint8Array.of(0);
const VERSION = ascii("HPKE-v1");
const SUITE_ID = concat(ascii("HPKE"), Uint8Array.of(0x64, 0x7a, 0x00, 0x03, 0x00, 0x03));
const LABELED = concat(VERSION, SUITE_ID);

/** What {@link hpkeSeal} adds to a plaintext. */
export const HPKE_OVERHEAD_BYTES = KEM_CIPHERTEXT_BYTES + AEAD_TAG_BYTES;

/** Both ends' state for one message and any number of exports (RFC 9180 §5.2, §5.3). */
export interface HpkeContext {
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly exporterSecret: Uint8Array;
}

/** `SetupBaseS` (RFC 9180 §5.1.1). @throws {@link KeyError} if the public key cannot be used. */
export function hpkeSetupSender(
  publicKey: Uint8Array,
  info: Uint8Array,
  random: Random,
): { readonly kemOutput: Uint8Array; readonly context: HpkeContext } {
  const { ciphertext, secret } = kemEncapsulate(publicKey, random);
  const context = keySchedule(secret, info);
  wipe(secret);
  return { kemOutput: ciphertext, context };
}

/** `SetupBaseR` (RFC 9180 §5.1.1). @throws {@link DecryptError} if `kemOutput` cannot be one. */
export function hpkeSetupReceiver(privateKey: Uint8Array, kemOutput: Uint8Array, info: Uint8Array): HpkeContext {
  const secret = kemDecapsulate(privateKey, kemOutput);
  const context = keySchedule(secret, info);
  wipe(secret);
  return context;
}

/** `Context.Export` (RFC 9180 §5.3): `length` bytes bound to `exporterContext`. */
export function hpkeExport(context: HpkeContext, exporterContext: Uint8Array, length: number): Uint8Array {
  return labeledExpand(context.exporterSecret, "sec", exporterContext, length);
}

/** Seals one message: `kemOutput` and ciphertext apart, as MLS keeps them (RFC 9420 §7.6). */
export function hpkeSealApart(
  publicKey: Uint8Array,
  info: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): { readonly kemOutput: Uint8Array; readonly ciphertext: Uint8Array } {
  const { kemOutput, context } = hpkeSetupSender(publicKey, info, random);
  const ciphertext = aeadSeal(context.key, context.baseNonce, associatedData, plaintext);
  wipeContext(context);
  return { kemOutput, ciphertext };
}

/** Opens what {@link hpkeSealApart} sealed. @throws {@link DecryptError} if anything differs. */
export function hpkeOpenApart(
  privateKey: Uint8Array,
  info: Uint8Array,
  associatedData: Uint8Array,
  kemOutput: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  const context = hpkeSetupReceiver(privateKey, kemOutput, info);
  try {
    return aeadOpen(context.key, context.baseNonce, associatedData, ciphertext);
  } finally {
    wipeContext(context);
  }
}

/**
 * Seals one message to a public key (RFC 9180 §6.1).
 *
 * @param info - What the message is for: `labelled(label, …)`.
 * @returns KEM output followed by ciphertext: {@link HPKE_OVERHEAD_BYTES} longer than `plaintext`.
 * @throws {@link KeyError} if the public key cannot be used.
 */
export function hpkeSeal(
  publicKey: Uint8Array,
  info: Uint8Array,
  associatedData: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): Uint8Array {
  const { kemOutput, ciphertext } = hpkeSealApart(publicKey, info, associatedData, plaintext, random);
  return concat(kemOutput, ciphertext);
}

/** Opens what {@link hpkeSeal} sealed. @throws {@link DecryptError} if anything differs. */
export function hpkeOpen(
  privateKey: Uint8Array,
  info: Uint8Array,
  associatedData: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  if (sealed.length < HPKE_OVERHEAD_BYTES) throw new DecryptError();
  const kemOutput = sealed.subarray(0, KEM_CIPHERTEXT_BYTES);
  return hpkeOpenApart(privateKey, info, associatedData, kemOutput, sealed.subarray(KEM_CIPHERTEXT_BYTES));
}

/** `KeySchedule` for mode_base, where psk and psk_id are empty. */
function keySchedule(sharedSecret: Uint8Array, info: Uint8Array): HpkeContext {
  const scheduleContext = concat(MODE_BASE, pskIdHash(), labeledExtract(EMPTY, "info_hash", info));
  const secret = labeledExtract(sharedSecret, "secret", EMPTY);
  const context = {
    key: labeledExpand(secret, "key", scheduleContext, AEAD_KEY_BYTES),
    baseNonce: labeledExpand(secret, "base_nonce", scheduleContext, AEAD_NONCE_BYTES),
    exporterSecret: labeledExpand(secret, "exp", scheduleContext, SHA512_BYTES),
  };
  wipe(secret);
  return context;
}

let knownPskIdHash: Uint8Array | undefined;
function pskIdHash(): Uint8Array {
  knownPskIdHash ??= labeledExtract(EMPTY, "psk_id_hash", EMPTY);
  return knownPskIdHash;
}

/** RFC 9180 §4: Extract(salt, "HPKE-v1" ‖ suite_id ‖ label ‖ ikm). */
function labeledExtract(salt: Uint8Array, label: string, inputKeyMaterial: Uint8Array): Uint8Array {
  const labeled = concat(LABELED, ascii(label), inputKeyMaterial);
  const out = hkdfExtract(salt, labeled);
  wipe(labeled);
  return out;
}

/** RFC 9180 §4: Expand(prk, I2OSP(L, 2) ‖ "HPKE-v1" ‖ suite_id ‖ label ‖ info, L). */
function labeledExpand(prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(prk, concat(Uint8Array.of(length >> 8, length & 0xff), LABELED, ascii(label), info), length);
}

/** Overwrites both ends' state when no more is to be exported. */
export function wipeContext(context: HpkeContext): void {
  wipe(context.key);
  wipe(context.baseNonce);
  wipe(context.exporterSecret);
}
