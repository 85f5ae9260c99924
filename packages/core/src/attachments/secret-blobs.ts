import type { BlobId, BlobReference, Token } from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import type { FileSink, FileSource } from "../ports/file-port.ts";
import { RelayUnavailable } from "../sync/relay-link.ts";
import { RamFile } from "../vault/ram-file.ts";
import { AttachmentError } from "./attachment-error.ts";
import { Cancellation } from "./cancellation.ts";
import { downloadBlob } from "./download-blob.ts";
import { openFile } from "./open-file.ts";
import { sealFile } from "./seal-file.ts";
import { uploadBlob } from "./upload-blob.ts";

/** Small things that travel as blobs though they are no files: they are held in memory whole. */
const MAX_BYTES = 8 * 1024 * 1024;
const TIMEOUT_MS = 60_000;
const SECRET_TTL_SECONDS = 30 * 86_400;

type Core = Pick<CoreContext, "blobs" | "clock" | "random" | "account">;

/** Uploads bytes as they are, under an id that its readers can derive. @throws RelayUnavailable */
export async function uploadPublic(
  core: Core,
  relayUrl: string,
  blobId: BlobId,
  bytes: Uint8Array,
  ttlSeconds: number,
): Promise<void> {
  const file = new RamFile();
  file.write(bytes, 0);
  await upload(core, relayUrl, blobId, file, ttlSeconds);
}

/** Bytes of exactly `size`, or undefined if the relay does not have them. Believe them only by their hash. @throws RelayUnavailable */
export async function downloadPublic(
  core: Core,
  relayUrl: string,
  blobId: BlobId,
  size: number,
): Promise<Uint8Array | undefined> {
  const outcome = await within(core, (cancellation) => cancellation.race(core.blobs.read(relayUrl, blobId, 0, size)));
  if (outcome.type === "unavailable") throw new RelayUnavailable();
  return outcome.type === "part" && outcome.size === size && outcome.bytes.length === size ? outcome.bytes : undefined;
}

/** Encrypts and uploads bytes; whoever has the reference can read them. @throws RelayUnavailable */
export async function uploadSecret(core: Core, relayUrl: string, bytes: Uint8Array): Promise<BlobReference> {
  const secrets = { key: core.random.bytes(32), prefix: core.random.bytes(7) };
  const file = new RamFile();
  const sealed = await sealFile(sourceOf(bytes), file, secrets, new Cancellation(), ignoreProgress);
  const blobId = core.random.bytes(32) as BlobId;
  await upload(core, relayUrl, blobId, file, SECRET_TTL_SECONDS);
  return { relayUrl, blobId, ...secrets, ...sealed };
}

/** @throws AttachmentError @throws RelayUnavailable */
export async function downloadSecret(core: Core, reference: BlobReference): Promise<Uint8Array> {
  if (reference.size > MAX_BYTES) throw new AttachmentError("too-large");
  const file = new RamFile();
  await within(core, (cancellation) => downloadBlob(ports(core), reference, file, cancellation, ignoreProgress));
  const parts: Uint8Array[] = [];
  await openFile(file, reference, sinkOf(parts), new Cancellation(), ignoreProgress);
  const whole = new Uint8Array(reference.size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

async function upload(core: Core, relayUrl: string, blobId: BlobId, file: RamFile, ttlSeconds: number): Promise<void> {
  const blob = {
    relayUrl,
    blobId,
    writeToken: core.random.bytes(32) as Token,
    ttlSeconds,
    admission: core.account().admission,
  };
  await within(core, (cancellation) => uploadBlob(ports(core), blob, file, cancellation, ignoreProgress));
}

/** Ends what takes too long: whoever waits can try again. */
export async function within<T>(
  core: Pick<CoreContext, "clock">,
  work: (cancellation: Cancellation) => Promise<T>,
): Promise<T> {
  const cancellation = new Cancellation();
  const timer = core.clock.setTimer(TIMEOUT_MS, () => {
    cancellation.cancel();
  });
  try {
    return await work(cancellation);
  } catch (error) {
    if (error instanceof AttachmentError && error.code === "cancelled")
      throw new RelayUnavailable(undefined, { cause: error });
    throw error;
  } finally {
    timer.cancel();
  }
}

function ports(core: Core): {
  readonly transport: Core["blobs"];
  readonly clock: Core["clock"];
  readonly random: Core["random"];
} {
  return { transport: core.blobs, clock: core.clock, random: core.random };
}

function sourceOf(bytes: Uint8Array): FileSource {
  return {
    name: "",
    type: "",
    size: bytes.length,
    read: (at, length) => Promise.resolve(bytes.slice(at, at + length)),
    close: () => Promise.resolve(),
  };
}

function sinkOf(parts: Uint8Array[]): FileSink {
  return {
    write: (bytes) => {
      parts.push(bytes.slice());
      return Promise.resolve();
    },
    close: () => Promise.resolve(undefined),
    abort: () => {
      parts.length = 0;
      return Promise.resolve();
    },
  };
}

function ignoreProgress(): void {
  // Small enough that nobody watches.
}
