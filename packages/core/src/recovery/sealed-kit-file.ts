import { DecryptError, xaeadOpen, xaeadSeal, XAEAD_NONCE_BYTES, type Random } from "@stonechat/crypto";
import { kitFile, Reader, WireError, Writer, type KitFile } from "@stonechat/protocol";
import type { KitFileSecrets } from "./kit-secrets.ts";

const VERSION = 1;
const MIN_PADDED_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
/** What no honest file reaches, so that a relay cannot make a restoring client fetch without end. */
export const MAX_SEALED_KIT_BYTES = 17 * 1024 * 1024;

/**
 * A kit's file as the relay keeps it. Its size tells how many doublings of 64 KiB the contacts fill, and nothing else.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   opaque nonce[24];
 *   opaque ciphertext[rest];    // XChaCha20-Poly1305 of PaddedKitFile; associated data: the blob's id
 * } SealedKitFile;
 *
 * struct {
 *   uint32 length;
 *   opaque kit_file[length];
 *   opaque zeros[64 KiB · 2^k - 4 - length];
 * } PaddedKitFile;
 * ```
 */
export function sealKitFile(file: KitFile, { blobId, key }: KitFileSecrets, random: Random): Uint8Array {
  const content = kitFile.encode(file);
  let size = MIN_PADDED_BYTES;
  while (size < LENGTH_BYTES + content.length) size *= 2;
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, content.length);
  padded.set(content, LENGTH_BYTES);
  const nonce = random.bytes(XAEAD_NONCE_BYTES);
  const writer = new Writer();
  writer.uint8(VERSION);
  writer.opaque(nonce);
  writer.opaque(xaeadSeal(key, nonce, blobId, padded));
  return writer.finish();
}

/** The file, or undefined if nobody who holds the kit sealed these bytes for this place. */
export function openKitFile(sealed: Uint8Array, { blobId, key }: KitFileSecrets): KitFile | undefined {
  try {
    const reader = new Reader(sealed, "SealedKitFile");
    if (reader.uint8() !== VERSION) return undefined;
    const nonce = reader.opaque(XAEAD_NONCE_BYTES);
    const padded = xaeadOpen(key, nonce, blobId, reader.rest());
    if (padded.length < MIN_PADDED_BYTES) return undefined;
    const length = new DataView(padded.buffer, padded.byteOffset, padded.byteLength).getUint32(0);
    if (length > padded.length - LENGTH_BYTES) return undefined;
    if (padded.subarray(LENGTH_BYTES + length).some((byte) => byte !== 0)) return undefined;
    return kitFile.decode(padded.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
  } catch (error) {
    if (error instanceof WireError || error instanceof DecryptError) return undefined;
    throw error;
  }
}
