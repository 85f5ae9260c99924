import { createSha256, STREAM_CHUNK_BYTES, streamSealer } from "@stonechat/crypto";
import type { BlockFile } from "../ports/block-file.ts";
import type { FileSource } from "../ports/file-port.ts";
import { AttachmentError } from "./attachment-error.ts";
import type { Cancellation } from "./cancellation.ts";
import { LENGTH_HEADER_BYTES, sealedShape } from "./sealed-size.ts";

/** Bytes asked of a source at once: reading a browser's file costs a fixed time each. */
const READ_BYTES = 8 * STREAM_CHUNK_BYTES;

/** What opens one file and no other. Fresh for each file: the nonces are counted. */
export type FileSecrets = {
  /** 32 bytes. */
  readonly key: Uint8Array;
  /** 7 bytes. */
  readonly prefix: Uint8Array;
};

/** What a message says of a sealed file, besides its secrets and where it lies. Sizes in bytes. */
export type SealedFile = { readonly sha256: Uint8Array; readonly size: number; readonly storedSize: number };

/** Hears of progress, in bytes. */
export type OnProgress = (done: number, total: number) => void;

/**
 * Encrypts a file into `staged`, chunk by chunk, and makes it durable. Holds half a megabyte.
 *
 * The plaintext is cut into STREAM chunks; its size says only Padmé's size of the file:
 *
 * ```text
 * struct {
 *   uint64 length;
 *   opaque file[length];
 *   opaque zeros[padme(8 + length) - 8 - length];
 * } PaddedFile;
 * ```
 *
 * @param staged - An empty file. After an error the caller deletes it.
 * @param secrets - Never used for another file, nor for this one a second time after it changed.
 * @throws AttachmentError `too-large`, `source-changed`, `cancelled`; StorageError; what the source throws.
 */
export async function sealFile(
  source: FileSource,
  staged: BlockFile,
  secrets: FileSecrets,
  cancellation: Cancellation,
  onProgress: OnProgress,
): Promise<SealedFile> {
  const { size } = source;
  const { storedSize } = sealedShape(size);
  const hash = createSha256();
  let written = 0;
  let sha256: Uint8Array;
  try {
    for await (const chunk of sealedChunks(source, secrets)) {
      while (cancellation.isHeld()) await cancellation.released();
      cancellation.check();
      staged.write(chunk, written);
      hash.update(chunk);
      written += chunk.length;
      onProgress(written, storedSize);
    }
  } finally {
    sha256 = hash.digest(); // also frees it
  }
  while (cancellation.isHeld()) await cancellation.released();
  staged.flush();
  return { sha256, size, storedSize };
}

/** The ciphertext of {@link sealFile}, a chunk at a time. */
async function* sealedChunks(source: FileSource, { key, prefix }: FileSecrets): AsyncGenerator<Uint8Array> {
  const { paddedSize, chunks } = sealedShape(source.size);
  const sealer = streamSealer(key, prefix);
  const file = new ReadAhead(source);
  for (let index = 0; index < chunks; index += 1) {
    const start = index * STREAM_CHUNK_BYTES;
    const plaintext = new Uint8Array(Math.min(STREAM_CHUNK_BYTES, paddedSize - start));
    let filled = 0;
    if (index === 0) {
      new DataView(plaintext.buffer).setBigUint64(0, BigInt(source.size));
      filled = LENGTH_HEADER_BYTES;
    }
    await file.fill(plaintext.subarray(filled), start + filled - LENGTH_HEADER_BYTES);
    yield sealer.seal(index, plaintext, index === chunks - 1);
  }
}

/** Reads a source in order, in large pieces. */
class ReadAhead {
  readonly #source: FileSource;
  #piece = new Uint8Array(0);
  #pieceAt = 0;

  constructor(source: FileSource) {
    this.#source = source;
  }

  /** Copies the file from `at` to the start of `into`, as far as the file goes. */
  async fill(into: Uint8Array, at: number): Promise<void> {
    let filled = 0;
    const wanted = Math.max(0, Math.min(into.length, this.#source.size - at));
    while (filled < wanted) {
      const from = at + filled - this.#pieceAt;
      if (from < 0 || from >= this.#piece.length) {
        await this.#load(at + filled);
        continue;
      }
      const part = this.#piece.subarray(from, from + wanted - filled);
      into.set(part, filled);
      filled += part.length;
    }
  }

  async #load(at: number): Promise<void> {
    const length = Math.min(READ_BYTES, this.#source.size - at);
    const piece = await this.#source.read(at, length);
    if (piece.length !== length) throw new AttachmentError("source-changed");
    this.#piece = new Uint8Array(piece);
    this.#pieceAt = at;
  }
}
