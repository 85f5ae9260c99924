import { createSha256, equalSecrets, type Sha256 } from "@stonechat/crypto";
import type { BlobId } from "@stonechat/protocol";
import type { BlockFile } from "../ports/block-file.ts";
import { AttachmentError } from "./attachment-error.ts";
import { BackOff, sleep } from "./back-off.ts";
import type { Cancellation } from "./cancellation.ts";
import { checkDescription } from "./open-file.ts";
import type { OnProgress, SealedFile } from "./seal-file.ts";
import type { TransferPorts } from "./upload-blob.ts";

/** Where a blob lies, and what it must be. */
export type BlobDownload = SealedFile & { readonly relayUrl: string; readonly blobId: BlobId };

/** Asked of a relay, and held, at once. */
const PART_BYTES = 1024 * 1024;
/** So much may have to be fetched again after a crash. */
const FLUSH_EVERY_BYTES = 16 * 1024 * 1024;

/**
 * Fetches a blob into `staged`, which may hold the beginning of it from before. Resolves once all of it is there,
 * durable, and has the hash that the message names. Tries for as long as the relay cannot be reached.
 *
 * @throws AttachmentError `gone`, `damaged` (then `staged` is empty), `too-large`, `cancelled`; StorageError.
 */
export async function downloadBlob(
  ports: TransferPorts,
  blob: BlobDownload,
  staged: BlockFile,
  cancellation: Cancellation,
  onProgress: OnProgress,
): Promise<void> {
  checkDescription(blob);
  while (cancellation.isHeld()) await cancellation.released();
  if (staged.size() > blob.storedSize) staged.truncate(0);
  const resumed = staged.size() > 0;
  if (await fetched(ports, blob, staged, cancellation, onProgress)) return;
  while (cancellation.isHeld()) await cancellation.released();
  staged.truncate(0);
  // What a crash left may have been torn; what came now in one piece was not.
  if (resumed && (await fetched(ports, blob, staged, cancellation, onProgress))) return;
  while (cancellation.isHeld()) await cancellation.released();
  staged.truncate(0);
  throw new AttachmentError("damaged");
}

/** Fetches what is missing. Returns whether the whole has the right hash. */
async function fetched(
  { transport, clock, random }: TransferPorts,
  blob: BlobDownload,
  staged: BlockFile,
  cancellation: Cancellation,
  onProgress: OnProgress,
): Promise<boolean> {
  const backOff = new BackOff(clock, random, cancellation);
  const hash = createSha256();
  let sha256: Uint8Array;
  try {
    let offset = await hashed(staged, hash, async () => sleep(clock, 0, cancellation));
    let flushed = offset;
    onProgress(offset, blob.storedSize);
    while (offset < blob.storedSize) {
      const length = Math.min(PART_BYTES, blob.storedSize - offset);
      const outcome = await cancellation.race(transport.read(blob.relayUrl, blob.blobId, offset, length));
      if (outcome.type === "unknown") throw new AttachmentError("gone");
      if (outcome.type === "part" && (outcome.size !== blob.storedSize || outcome.bytes.length > length)) return false;
      if (outcome.type === "unavailable" || outcome.bytes.length === 0) {
        await backOff.wait();
        continue;
      }
      while (cancellation.isHeld()) await cancellation.released();
      staged.write(outcome.bytes, offset);
      hash.update(outcome.bytes);
      offset += outcome.bytes.length;
      if (offset - flushed >= FLUSH_EVERY_BYTES) {
        staged.flush();
        flushed = offset;
      }
      backOff.reset();
      onProgress(offset, blob.storedSize);
    }
  } finally {
    sha256 = hash.digest(); // also frees it
  }
  while (cancellation.isHeld()) await cancellation.released();
  if (!equalSecrets(sha256, blob.sha256)) return false;
  staged.flush();
  return true;
}

/** Hashes what is there already, letting others run in between. Returns its length. */
async function hashed(staged: BlockFile, hash: Sha256, pause: () => Promise<void>): Promise<number> {
  const size = staged.size();
  const piece = new Uint8Array(Math.min(PART_BYTES, size));
  for (let at = 0; at < size; at += piece.length) {
    const length = staged.read(piece, at);
    hash.update(piece.subarray(0, length));
    await pause();
  }
  return size;
}
