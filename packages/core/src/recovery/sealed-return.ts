import { DecryptError, deriveKey, xaeadOpen, xaeadSeal, XAEAD_NONCE_BYTES, type Random } from "@stonechat/crypto";
import { Reader, returnEntry, WireError, Writer, type LogId, type ReturnEntry } from "@stonechat/protocol";

const VERSION = 1;
const NOTHING = new Uint8Array(0);

/**
 * An entry of a return log.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque nonce[24];
 *   opaque ciphertext[rest];   // XChaCha20-Poly1305 of ReturnEntry; associated data: the log's id
 * } SealedReturn;
 * ```
 *
 * @param secret - What the log's owner gave to this contact.
 */
export function sealReturn(entry: ReturnEntry, secret: Uint8Array, logId: LogId, random: Random): Uint8Array {
  const nonce = random.bytes(XAEAD_NONCE_BYTES);
  const writer = new Writer();
  writer.uint8(VERSION);
  writer.opaque(nonce);
  writer.opaque(xaeadSeal(toKey(secret), nonce, logId, returnEntry.encode(entry)));
  return writer.finish();
}

/** The entry, or undefined if this contact did not seal it for this log. */
export function openReturn(sealed: Uint8Array, secret: Uint8Array, logId: LogId): ReturnEntry | undefined {
  try {
    const reader = new Reader(sealed, "SealedReturn");
    if (reader.uint8() !== VERSION) return undefined;
    const nonce = reader.opaque(XAEAD_NONCE_BYTES);
    return returnEntry.decode(xaeadOpen(toKey(secret), nonce, logId, reader.rest()));
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}

function toKey(secret: Uint8Array): Uint8Array {
  return deriveKey(secret, "return entry", NOTHING, 32);
}
