import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, aeadOpen, aeadSeal } from "./aead.ts";
import { concat } from "./concat.ts";
import { DecryptError } from "./errors.ts";
import { hpkeExport, hpkeSetupReceiver, hpkeSetupSender, wipeContext, type HpkeContext } from "./hpke.ts";
import { KEM_CIPHERTEXT_BYTES } from "./kem.ts";
import { labelled } from "./labels.ts";
import type { Random } from "./random.ts";

/**
 * One request to a guard and its reply (PROTOCOL.md, "Guards"): the request is sealed to the guard's key by HPKE, the
 * reply under a key that both ends export from the same context (as RFC 9458 §4.4 does it).
 */
const NOTHING = new Uint8Array(0);
const requestInfo = (): Uint8Array => labelled("guard channel", NOTHING);
const replyInfo = (): Uint8Array => labelled("guard reply", NOTHING);

/** Key and nonce of the one reply. */
export interface GuardReplyKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** Seals a request. @throws KeyError if the guard's key cannot be used. */
export function sealGuardRequest(
  publicKey: Uint8Array,
  plaintext: Uint8Array,
  random: Random,
): { readonly sealed: Uint8Array; readonly replyKey: GuardReplyKey } {
  const { kemOutput, context } = hpkeSetupSender(publicKey, requestInfo(), random);
  const ciphertext = aeadSeal(context.key, context.baseNonce, NOTHING, plaintext);
  const replyKey = exportReplyKey(context);
  wipeContext(context);
  return { sealed: concat(kemOutput, ciphertext), replyKey };
}

/** Opens what {@link sealGuardRequest} sealed. @throws {@link DecryptError} if anything differs. */
export function openGuardRequest(
  privateKey: Uint8Array,
  sealed: Uint8Array,
): { readonly plaintext: Uint8Array; readonly replyKey: GuardReplyKey } {
  if (sealed.length < KEM_CIPHERTEXT_BYTES) throw new DecryptError();
  const context = hpkeSetupReceiver(privateKey, sealed.subarray(0, KEM_CIPHERTEXT_BYTES), requestInfo());
  try {
    const plaintext = aeadOpen(context.key, context.baseNonce, NOTHING, sealed.subarray(KEM_CIPHERTEXT_BYTES));
    return { plaintext, replyKey: exportReplyKey(context) };
  } finally {
    wipeContext(context);
  }
}

/** Seals the reply to one request. Once only: the key has one nonce. */
export function sealGuardReply({ key, nonce }: GuardReplyKey, plaintext: Uint8Array): Uint8Array {
  return aeadSeal(key, nonce, NOTHING, plaintext);
}

/** Opens the reply to one request. @throws {@link DecryptError} if it is not this guard's to this request. */
export function openGuardReply({ key, nonce }: GuardReplyKey, sealed: Uint8Array): Uint8Array {
  return aeadOpen(key, nonce, NOTHING, sealed);
}

function exportReplyKey(context: HpkeContext): GuardReplyKey {
  const exported = hpkeExport(context, replyInfo(), AEAD_KEY_BYTES + AEAD_NONCE_BYTES);
  return { key: exported.slice(0, AEAD_KEY_BYTES), nonce: exported.slice(AEAD_KEY_BYTES) };
}
