import { AEAD_KEY_BYTES, AEAD_NONCE_BYTES, aeadOpen, aeadSeal } from "./aead.ts";
import { concat } from "./concat.ts";
import { deriveKey } from "./derive.ts";
import { DecryptError } from "./errors.ts";
import { hpkeExport, hpkeSetupReceiver, hpkeSetupSender, wipeContext, type HpkeContext } from "./hpke.ts";
import { KEM_CIPHERTEXT_BYTES } from "./kem.ts";
import { labelled } from "./labels.ts";
import type { Random } from "./random.ts";
import { wipe } from "./secrets.ts";

/**
 * One request to a guard and its reply (PROTOCOL.md, "Guards"): the request is sealed to the guard's key by HPKE, the
 * reply under a key of a secret that both ends export from the same context and of random bytes before the reply (as
 * RFC 9458 §4.4 does it). Without these, who sends a request twice would get two replies under one key and nonce.
 */
const NOTHING = new Uint8Array(0);
const REPLY_SECRET_BYTES = 32;
const REPLY_RANDOM_BYTES = 32;
const requestInfo = (): Uint8Array => labelled("guard channel", NOTHING);
const replyInfo = (): Uint8Array => labelled("guard reply", NOTHING);

/** What the keys of all replies to one request derive from. */
export interface GuardReplyKey {
  readonly secret: Uint8Array;
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

/** Seals a reply to one request: random bytes, then the ciphertext. A request that comes twice gets another key. */
export function sealGuardReply(replyKey: GuardReplyKey, plaintext: Uint8Array, random: Random): Uint8Array {
  const salt = random.bytes(REPLY_RANDOM_BYTES);
  return concat(
    salt,
    withReplyKey(replyKey, salt, (key, nonce) => aeadSeal(key, nonce, NOTHING, plaintext)),
  );
}

/** Opens a reply to one request. @throws {@link DecryptError} if it is not this guard's to this request. */
export function openGuardReply(replyKey: GuardReplyKey, sealed: Uint8Array): Uint8Array {
  if (sealed.length < REPLY_RANDOM_BYTES) throw new DecryptError();
  const salt = sealed.subarray(0, REPLY_RANDOM_BYTES);
  const ciphertext = sealed.subarray(REPLY_RANDOM_BYTES);
  return withReplyKey(replyKey, salt, (key, nonce) => aeadOpen(key, nonce, NOTHING, ciphertext));
}

function exportReplyKey(context: HpkeContext): GuardReplyKey {
  return { secret: hpkeExport(context, replyInfo(), REPLY_SECRET_BYTES) };
}

function withReplyKey(
  { secret }: GuardReplyKey,
  salt: Uint8Array,
  use: (key: Uint8Array, nonce: Uint8Array) => Uint8Array,
): Uint8Array {
  const both = deriveKey(secret, "guard single reply", salt, AEAD_KEY_BYTES + AEAD_NONCE_BYTES);
  try {
    return use(both.subarray(0, AEAD_KEY_BYTES), both.subarray(AEAD_KEY_BYTES));
  } finally {
    wipe(both);
  }
}
