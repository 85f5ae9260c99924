import { DecryptError, xaeadOpen, xaeadSeal, XAEAD_NONCE_BYTES, AEAD_TAG_BYTES, type Random } from "@stonechat/crypto";
import {
  MIN_PADDED_BYTES,
  paddedMessage,
  Reader,
  structure,
  WireError,
  Writer,
  type EntryKind,
  type LogId,
} from "@stonechat/protocol";

const VERSION = 1;
const OVERHEAD_BYTES = 1 + XAEAD_NONCE_BYTES + AEAD_TAG_BYTES;
const MAX_PLAIN_BYTES = 2 * 1024 * 1024;
const message = structure("PaddedMessage", MAX_PLAIN_BYTES, paddedMessage);

/**
 * The body of an entry: an MLS message, padded to 256·2^k bytes in all and sealed under a key that all members of the
 * epoch export (label `stonechat entry`). It hides from the relay what MLS leaves readable: group id, epoch, kind of
 * content, and the authenticated data with its device list heads. See PROTOCOL.md, "Entries of a conversation".
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque nonce[24];
 *   opaque ciphertext[rest];   // XChaCha20-Poly1305 of { opaque mls_message<V>; zeros }
 * } SealedEntry;
 * ```
 */
export function sealEntry(
  key: Uint8Array,
  logId: LogId,
  kind: EntryKind,
  mlsMessage: Uint8Array,
  random: Random,
): Uint8Array {
  const plain = message.encode({ message: mlsMessage });
  let total = MIN_PADDED_BYTES;
  while (total < plain.length + OVERHEAD_BYTES) total *= 2;
  const padded = new Uint8Array(total - OVERHEAD_BYTES);
  padded.set(plain);
  const nonce = random.bytes(XAEAD_NONCE_BYTES);
  const writer = new Writer();
  writer.uint8(VERSION);
  writer.opaque(nonce);
  writer.opaque(xaeadSeal(key, nonce, associatedData(logId, kind), padded));
  return writer.finish();
}

/** The MLS message, or undefined if whoever wrote this does not know the epoch's key. */
export function openEntry(key: Uint8Array, logId: LogId, kind: EntryKind, body: Uint8Array): Uint8Array | undefined {
  try {
    const reader = new Reader(body, "SealedEntry");
    if (reader.uint8() !== VERSION) return undefined;
    const nonce = reader.opaque(XAEAD_NONCE_BYTES);
    const padded = new Reader(xaeadOpen(key, nonce, associatedData(logId, kind), reader.rest()), "PaddedMessage");
    const mlsMessage = padded.vector(MAX_PLAIN_BYTES);
    return padded.rest().every((byte) => byte === 0) ? mlsMessage : undefined;
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}

function associatedData(logId: LogId, kind: EntryKind): Uint8Array {
  const writer = new Writer();
  writer.opaque(logId);
  writer.uint8(kind === "message" ? 1 : 2);
  return writer.finish();
}
