import {
  createSha256,
  DecryptError,
  equalSecrets,
  STREAM_CHUNK_BYTES,
  STREAM_TAG_BYTES,
  streamOpener,
} from "@stonechat/crypto";
import type { BlockFile } from "../ports/block-file.ts";
import type { FileSink } from "../ports/file-port.ts";
import { AttachmentError } from "./attachment-error.ts";
import type { Cancellation } from "./cancellation.ts";
import type { FileSecrets, OnProgress, SealedFile } from "./seal-file.ts";
import { LENGTH_HEADER_BYTES, sealedShape } from "./sealed-size.ts";

const STORED_CHUNK_BYTES = STREAM_CHUNK_BYTES + STREAM_TAG_BYTES;

/** A file as a message describes it: its secrets, hash and sizes. */
export type FileDescription = FileSecrets & SealedFile;

/**
 * Decrypts `staged` into `sink`, and closes the sink only if everything is as described: lengths, each chunk at its
 * place, the hash over the whole, the padding. Otherwise aborts it. Holds a few chunks.
 *
 * @returns what the sink's `close` gave.
 * @throws AttachmentError `damaged`, `cancelled`; StorageError; what the sink throws.
 */
export async function openFile(
  staged: BlockFile,
  file: FileDescription,
  sink: FileSink,
  cancellation: Cancellation,
  onProgress: OnProgress,
): Promise<unknown> {
  try {
    let done = 0;
    for (const piece of openedPieces(staged, file)) {
      cancellation.check();
      await sink.write(piece);
      done += piece.length;
      onProgress(done, file.size);
    }
  } catch (error) {
    await sink.abort();
    throw error instanceof DecryptError ? new AttachmentError("damaged", error) : error;
  }
  return sink.close();
}

/**
 * Refuses a description that {@link sealFile} would not give, before anything is fetched for it.
 *
 * @throws AttachmentError `damaged`, `too-large`
 */
export function checkDescription(file: SealedFile): void {
  if (sealedShape(file.size).storedSize !== file.storedSize) throw new AttachmentError("damaged");
}

/** The file's bytes; throws instead of ending unless all that was yielded belongs to the file as described. */
function* openedPieces(staged: BlockFile, file: FileDescription): Generator<Uint8Array> {
  checkDescription(file);
  const { chunks } = sealedShape(file.size);
  if (staged.size() !== file.storedSize) throw new AttachmentError("damaged");
  const opener = streamOpener(file.key, file.prefix);
  const hash = createSha256();
  let sha256: Uint8Array;
  try {
    let left = file.size;
    for (let index = 0; index < chunks; index += 1) {
      const at = index * STORED_CHUNK_BYTES;
      const ciphertext = readExactly(staged, at, Math.min(STORED_CHUNK_BYTES, file.storedSize - at));
      hash.update(ciphertext);
      const plaintext = opener.open(index, ciphertext, index === chunks - 1);
      const content = index === 0 ? withoutHeader(plaintext, file.size) : plaintext;
      const piece = content.subarray(0, Math.min(left, content.length));
      left -= piece.length;
      if (content.subarray(piece.length).some((byte) => byte !== 0)) throw new AttachmentError("damaged");
      if (piece.length > 0) yield piece;
    }
  } finally {
    sha256 = hash.digest(); // also frees it
  }
  if (!equalSecrets(sha256, file.sha256)) throw new AttachmentError("damaged");
}

function withoutHeader(plaintext: Uint8Array, size: number): Uint8Array {
  const view = new DataView(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
  if (view.getBigUint64(0) !== BigInt(size)) throw new AttachmentError("damaged");
  return plaintext.subarray(LENGTH_HEADER_BYTES);
}

function readExactly(file: BlockFile, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (file.read(bytes, at) !== length) throw new AttachmentError("damaged");
  return bytes;
}
