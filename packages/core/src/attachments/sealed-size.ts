import { padme, STREAM_CHUNK_BYTES, STREAM_TAG_BYTES } from "@stonechat/crypto";
import { MAX_BLOB_BYTES } from "@stonechat/protocol";
import { AttachmentError } from "./attachment-error.ts";

/** Before the file's bytes stands their number. */
export const LENGTH_HEADER_BYTES = 8;

/** The shape of a sealed file. */
export type SealedShape = {
  /** Header, file and zeros. */
  readonly paddedSize: number;
  readonly chunks: number;
  /** Of the ciphertext, which is what a relay sees. */
  readonly storedSize: number;
};

/**
 * How a file of `size` bytes is padded and cut (see {@link sealFile}).
 *
 * @throws AttachmentError `too-large` if no relay could take it.
 */
export function sealedShape(size: number): SealedShape {
  if (size > MAX_BLOB_BYTES) throw new AttachmentError("too-large");
  const paddedSize = padme(LENGTH_HEADER_BYTES + size);
  const chunks = Math.ceil(paddedSize / STREAM_CHUNK_BYTES);
  const storedSize = paddedSize + chunks * STREAM_TAG_BYTES;
  if (storedSize > MAX_BLOB_BYTES) throw new AttachmentError("too-large");
  return { paddedSize, chunks, storedSize };
}
