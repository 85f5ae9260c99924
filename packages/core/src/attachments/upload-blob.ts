import { sha256, type Random } from "@stonechat/crypto";
import { MAX_BLOB_PART_BYTES, type BlobId, type Token, type TokenHash } from "@stonechat/protocol";
import type { BlobTransport } from "../ports/blob-transport.ts";
import type { Clock } from "../ports/clock.ts";
import { AttachmentError } from "./attachment-error.ts";
import { BackOff } from "./back-off.ts";
import type { Cancellation } from "./cancellation.ts";
import type { OnProgress } from "./seal-file.ts";

/** What moving blobs needs of its surroundings. */
export type TransferPorts = { readonly transport: BlobTransport; readonly clock: Clock; readonly random: Random };

/** Where a blob goes, and by what right. */
export type BlobUpload = {
  readonly relayUrl: string;
  readonly blobId: BlobId;
  readonly writeToken: Token;
  readonly ttlSeconds: number;
  /** An admission code's bytes, or empty. */
  readonly admission: Uint8Array;
};

/** The bytes of a blob: a staged file, or what is made as it is asked for, the same each time. */
export interface UploadSource {
  size(): number;
  read(into: Uint8Array, at: number): number | Promise<number>;
}

/** Announcing the same blob again, after the relay forgot it half-way: so often, then the relay is at fault. */
const MAX_ANNOUNCEMENTS = 3;

/**
 * Brings all of `staged` to a relay. Goes on where the relay stands, so it is also how an interrupted upload is resumed.
 * Tries for as long as the relay cannot be reached or is busy. Resolves once the relay has acknowledged the whole blob.
 *
 * @throws AttachmentError `too-large`, `relay-full`, `not-admitted`, `gone` (the relay loses the blob again and again, or
 * holds another under this id), `cancelled`; StorageError.
 */
export async function uploadBlob(
  ports: TransferPorts,
  blob: BlobUpload,
  staged: UploadSource,
  cancellation: Cancellation,
  onProgress: OnProgress,
): Promise<void> {
  const total = staged.size();
  const backOff = new BackOff(ports.clock, ports.random, cancellation);
  for (let announcements = 0; ;) {
    const offset = await cancellation.race(standing(ports.transport, blob, total));
    switch (offset) {
      case "unavailable":
        await backOff.wait();
        break;
      case "unknown":
        if (announcements === MAX_ANNOUNCEMENTS) throw new AttachmentError("gone");
        if (await cancellation.race(announced(ports.transport, blob, total))) announcements += 1;
        else await backOff.wait();
        break;
      default:
        if (await writeFrom(offset)) return;
        await backOff.wait();
    }
  }

  /** Writes parts until the blob is complete (true), or the relay must be asked again where it stands. */
  async function writeFrom(start: number): Promise<boolean> {
    for (let offset = start; ;) {
      onProgress(offset, total);
      if (offset === total) return true;
      const part = new Uint8Array(Math.min(MAX_BLOB_PART_BYTES, total - offset));
      if ((await staged.read(part, offset)) !== part.length) throw new RangeError("what is uploaded became shorter");
      const writing = ports.transport.write(blob.relayUrl, blob.blobId, blob.writeToken, offset, part);
      const outcome = await cancellation.race(writing);
      switch (outcome.type) {
        case "written":
          // A relay that counts otherwise than we do is asked again.
          if (outcome.offset !== offset + part.length) return false;
          offset = outcome.offset;
          backOff.reset();
          break;
        case "too-large":
          throw new AttachmentError("too-large");
        case "full":
          throw new AttachmentError("relay-full");
        case "wrong-offset":
        case "busy":
        case "unknown":
        case "unavailable":
          return false;
      }
    }
  }
}

/** The offset at which the relay stands. @throws AttachmentError `gone` if it holds a blob of another size. */
async function standing(
  transport: BlobTransport,
  { relayUrl, blobId }: BlobUpload,
  total: number,
): Promise<number | "unknown" | "unavailable"> {
  const status = await transport.status(relayUrl, blobId);
  if (status.type !== "status") return status.type;
  if (status.size !== total || status.offset > total) throw new AttachmentError("gone");
  return status.offset;
}

/** Whether the relay now knows the blob; false if it could not be reached. */
async function announced(transport: BlobTransport, blob: BlobUpload, size: number): Promise<boolean> {
  const writeHash = sha256(blob.writeToken) as TokenHash; // what a token's hash is
  const { ttlSeconds, admission } = blob;
  const outcome = await transport.announce(blob.relayUrl, blob.blobId, { size, ttlSeconds, writeHash, admission });
  switch (outcome.type) {
    case "announced":
    case "exists":
      return true;
    case "unavailable":
      return false;
    case "full":
      throw new AttachmentError("relay-full");
    case "too-large":
    case "not-admitted":
      throw new AttachmentError(outcome.type);
  }
}
