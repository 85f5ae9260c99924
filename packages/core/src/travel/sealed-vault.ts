import { DecryptError, STREAM_CHUNK_BYTES, STREAM_TAG_BYTES, streamOpener, streamSealer } from "@stonechat/crypto";
import { AttachmentError } from "../attachments/attachment-error.ts";
import type { FileSecrets } from "../attachments/seal-file.ts";
import { LENGTH_HEADER_BYTES, sealedShape } from "../attachments/sealed-size.ts";
import type { UploadSource } from "../attachments/upload-blob.ts";
import type { VaultBytes } from "../vault/open-vault.ts";

/** A chunk as it lies at the relay; the last may be shorter. */
export const STORED_CHUNK_BYTES = STREAM_CHUNK_BYTES + STREAM_TAG_BYTES;

/**
 * A vault sealed once more, chunk by chunk as a file of a message is (PaddedFile), read at any place without being held:
 * what lies at the relay has not even the vault's own salt in it. The vault must not change meanwhile.
 */
export function sealedVault(vault: VaultBytes, { key, prefix }: FileSecrets): UploadSource {
  const { paddedSize, chunks, storedSize } = sealedShape(vault.size);
  const sealer = streamSealer(key, prefix);
  const sealChunk = async (index: number): Promise<Uint8Array> => {
    const start = index * STREAM_CHUNK_BYTES;
    const plaintext = new Uint8Array(Math.min(STREAM_CHUNK_BYTES, paddedSize - start));
    const header = index === 0 ? LENGTH_HEADER_BYTES : 0;
    if (index === 0) new DataView(plaintext.buffer).setBigUint64(0, BigInt(vault.size));
    const from = start + header - LENGTH_HEADER_BYTES;
    const wanted = Math.max(0, Math.min(plaintext.length - header, vault.size - from));
    for (let filled = 0; filled < wanted;) {
      const read = await vault.read(plaintext.subarray(header + filled, header + wanted), from + filled);
      if (read === 0) throw new AttachmentError("source-changed");
      filled += read;
    }
    return sealer.seal(index, plaintext, index === chunks - 1);
  };
  return {
    size: () => storedSize,
    async read(into, at) {
      let filled = 0;
      while (filled < into.length && at + filled < storedSize) {
        const index = Math.floor((at + filled) / STORED_CHUNK_BYTES);
        const chunk = await sealChunk(index);
        const piece = chunk.subarray(at + filled - index * STORED_CHUNK_BYTES).subarray(0, into.length - filled);
        into.set(piece, filled);
        filled += piece.length;
      }
      return filled;
    },
  };
}

/** Reads sealed bytes from anywhere: at most `length` from `at`, and none only at the end. */
export type ReadSealed = (at: number, length: number) => Promise<Uint8Array>;

/**
 * The vault inside a sealed one of `storedSize` bytes. Every byte that it gives was sealed with the code, at this place.
 *
 * @throws AttachmentError `damaged` from here and from each `read`; what `fetch` throws.
 */
export async function openedVault(
  storedSize: number,
  { key, prefix }: FileSecrets,
  fetch: ReadSealed,
): Promise<VaultBytes> {
  const chunks = Math.ceil(storedSize / STORED_CHUNK_BYTES);
  const opener = streamOpener(key, prefix);
  let held: { readonly index: number; readonly plaintext: Uint8Array } | undefined;
  const open = async (index: number): Promise<Uint8Array> => {
    if (held?.index === index) return held.plaintext;
    const at = index * STORED_CHUNK_BYTES;
    const sealed = await fetch(at, Math.min(STORED_CHUNK_BYTES, storedSize - at));
    try {
      held = { index, plaintext: opener.open(index, sealed, index === chunks - 1) };
    } catch (error) {
      if (error instanceof DecryptError) throw new AttachmentError("damaged", error);
      throw error;
    }
    return held.plaintext;
  };
  if (chunks === 0) throw new AttachmentError("damaged");
  const first = await open(0);
  if (first.length < LENGTH_HEADER_BYTES) throw new AttachmentError("damaged");
  const size = Number(new DataView(first.buffer, first.byteOffset, first.byteLength).getBigUint64(0));
  if (size > storedSize || sealedShape(size).storedSize !== storedSize) throw new AttachmentError("damaged");
  return {
    size,
    async read(into, at) {
      let filled = 0;
      const wanted = Math.max(0, Math.min(into.length, size - at));
      while (filled < wanted) {
        const place = at + filled + LENGTH_HEADER_BYTES;
        const index = Math.floor(place / STREAM_CHUNK_BYTES);
        const piece = (await open(index)).subarray(place - index * STREAM_CHUNK_BYTES).subarray(0, wanted - filled);
        into.set(piece, filled);
        filled += piece.length;
      }
      return filled;
    },
  };
}
