import { DecryptError } from "@stonechat/crypto";
import { Writer } from "@stonechat/protocol";
import { MlsError } from "./contract.ts";
import { expandWithLabel, signContent } from "./derivation.ts";
import type { Epoch } from "./epoch.ts";
import { refusing } from "./refusal.ts";
import type { MessageKey, RatchetKind } from "./secret-tree.ts";
import { HASH_BYTES, PROTOCOL_VERSION, type Suite } from "./suite.ts";
import {
  CONTENT_APPLICATION,
  MAX_MLS_MESSAGE_BYTES,
  privateMessageBytes,
  senderDataBytes,
  WIRE_FORMAT_PRIVATE_MESSAGE,
  type ContentType,
  type PrivateMessage,
  type SenderData,
} from "./wire/private-message.ts";

const SENDER_MEMBER = 1;
const REUSE_GUARD_BYTES = 4;

/** Which of a leaf's ratchets protects what (RFC 9420 §9.1). */
export function ratchetKind(contentType: ContentType): RatchetKind {
  return contentType === CONTENT_APPLICATION ? "application" : "handshake";
}

/** `FramedContent` (RFC 9420 §6) of a member. `body` is `application_data<V>` or a Commit. */
export function framedContent(
  epoch: Epoch,
  leaf: number,
  contentType: ContentType,
  authenticatedData: Uint8Array,
  body: Uint8Array,
): Uint8Array {
  const w = new Writer();
  w.opaque(epoch.scopeBytes);
  w.uint8(SENDER_MEMBER);
  w.uint32(leaf);
  w.vector(authenticatedData, MAX_MLS_MESSAGE_BYTES);
  w.uint8(contentType);
  w.opaque(body);
  return w.finish();
}

/** What a member's signature over a framed content covers (RFC 9420 §6.1). */
export function contentToSign(epoch: Epoch, framed: Uint8Array): Uint8Array {
  const w = new Writer();
  w.uint16(PROTOCOL_VERSION);
  w.uint16(WIRE_FORMAT_PRIVATE_MESSAGE);
  w.opaque(framed);
  w.opaque(epoch.contextBytes);
  return signContent("FramedContentTBS", w.finish());
}

/** `PrivateMessage` (RFC 9420 §6.3) around `content`, that is body and authentication; no padding of its own. */
export function sealPrivateMessage(
  { primitives }: Suite,
  epoch: Epoch,
  contentType: ContentType,
  authenticatedData: Uint8Array,
  content: Uint8Array,
  messageKey: MessageKey,
): Uint8Array {
  const reuseGuard = primitives.randomBytes(REUSE_GUARD_BYTES);
  const ciphertext = primitives.aeadSeal(
    messageKey.key,
    guarded(messageKey.nonce, reuseGuard),
    contentAad(epoch, contentType, authenticatedData),
    content,
  );
  const senderData = senderDataBytes.encode({ leaf: epoch.ownLeaf, generation: messageKey.generation, reuseGuard });
  const sender = senderDataKey({ primitives }, epoch, ciphertext);
  return privateMessageBytes.encode({
    groupId: epoch.context.groupId,
    epoch: epoch.context.epoch,
    contentType,
    authenticatedData,
    encryptedSenderData: primitives.aeadSeal(sender.key, sender.nonce, senderDataAad(epoch, contentType), senderData),
    ciphertext,
  });
}

/** @throws MlsError `decrypt-failed` if this epoch's members did not send it; `malformed`. */
export function openSenderData(
  { primitives }: Pick<Suite, "primitives">,
  epoch: Epoch,
  message: PrivateMessage,
): SenderData {
  const { key, nonce } = senderDataKey({ primitives }, epoch, message.ciphertext);
  const aad = senderDataAad(epoch, message.contentType);
  const bytes = decrypting(() => primitives.aeadOpen(key, nonce, aad, message.encryptedSenderData));
  return refusing("malformed", () => senderDataBytes.decode(bytes));
}

/** @throws MlsError `decrypt-failed`. */
export function openContent(
  { primitives }: Suite,
  epoch: Epoch,
  message: PrivateMessage,
  senderData: SenderData,
  messageKey: MessageKey,
): Uint8Array {
  const nonce = guarded(messageKey.nonce, senderData.reuseGuard);
  const aad = contentAad(epoch, message.contentType, message.authenticatedData);
  return decrypting(() => primitives.aeadOpen(messageKey.key, nonce, aad, message.ciphertext));
}

/** RFC 9420 §6.3.1: the reuse guard keeps nonces apart if a state was copied after all. */
function guarded(nonce: Uint8Array, reuseGuard: Uint8Array): Uint8Array {
  const out = nonce.slice();
  for (let i = 0; i < REUSE_GUARD_BYTES; i += 1) out[i] = (out[i] ?? 0) ^ (reuseGuard[i] ?? 0);
  return out;
}

/** `PrivateContentAAD` (RFC 9420 §6.3.1). */
function contentAad(epoch: Epoch, contentType: ContentType, authenticatedData: Uint8Array): Uint8Array {
  const w = new Writer();
  w.opaque(epoch.scopeBytes);
  w.uint8(contentType);
  w.vector(authenticatedData, MAX_MLS_MESSAGE_BYTES);
  return w.finish();
}

/** `SenderDataAAD` (RFC 9420 §6.3.2). */
function senderDataAad(epoch: Epoch, contentType: ContentType): Uint8Array {
  const out = new Uint8Array(epoch.scopeBytes.length + 1);
  out.set(epoch.scopeBytes);
  out[epoch.scopeBytes.length] = contentType;
  return out;
}

/** RFC 9420 §6.3.2: keyed by a sample of the ciphertext. */
function senderDataKey(
  { primitives }: Pick<Suite, "primitives">,
  epoch: Epoch,
  ciphertext: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const sample = ciphertext.subarray(0, HASH_BYTES);
  const { senderData } = epoch.secrets;
  return {
    key: expandWithLabel(primitives, senderData, "key", sample, primitives.aeadKeyBytes),
    nonce: expandWithLabel(primitives, senderData, "nonce", sample, primitives.aeadNonceBytes),
  };
}

function decrypting(work: () => Uint8Array): Uint8Array {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof DecryptError) throw new MlsError("decrypt-failed", { cause });
    throw cause;
  }
}
