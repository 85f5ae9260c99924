import {
  BLOB_OFFSET_HEADER,
  BLOB_SIZE_HEADER,
  BLOB_WRITE_HEADER,
  blobAnnouncement,
  MAX_BLOB_PART_BYTES,
  WireError,
  type BlobAnnouncement,
  type BlobId,
  type Token,
} from "@stonechat/protocol";
import type { Admission } from "../admission/admission.ts";
import type { BlobStore, OpenBlob } from "../blobs/blob-store.ts";
import type { Clock } from "../clock.ts";
import type { Counters } from "../service/counters.ts";
import { hashToken } from "../service/log-service.ts";
import type { BlobBudgets } from "./blob-budgets.ts";
import { readBody } from "./body.ts";
import { parseDecimal, parseKey } from "./parameters.ts";
import { problem } from "./problem.ts";
import { parseRange } from "./range.ts";

export interface BlobHandlerParts {
  readonly blobs: BlobStore;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly maxBlobBytes: number;
  readonly retentionSeconds: number;
  /** Default: none. */
  readonly budgets?: BlobBudgets | undefined;
}

/** `prefix` is where the request comes from, if that is known. */
type Handler = (id: string, request: Request, prefix?: string) => Promise<Response>;

/** The five things one can do with a blob. Layout and meaning: PROTOCOL.md, "Blobs". */
export interface BlobHandlers {
  readonly announce: Handler;
  readonly write: Handler;
  readonly status: Handler;
  readonly read: Handler;
  readonly remove: Handler;
}

const READ_CHUNK_BYTES = 128 * 1024;
/** One answer for an absent blob, one that expired, and a wrong token. */
const unknown = (): Response => problem(404, "unknown");

export function createBlobHandlers(parts: BlobHandlerParts): BlobHandlers {
  const { blobs, clock, counters, budgets } = parts;
  const withId =
    (handler: (blobId: BlobId, request: Request, prefix: string | undefined) => Promise<Response>): Handler =>
    async (id, request, prefix) => {
      if (prefix !== undefined && budgets?.mayAsk(prefix) === false) return problem(429, "busy");
      if (request.url.includes("?")) return problem(400, "malformed");
      const blobId = parseKey(id) as BlobId | undefined; // 32 bytes, as the brand says
      const response = blobId === undefined ? unknown() : await handler(blobId, request, prefix);
      if (prefix !== undefined && response.status === 404) budgets?.countUnknown(prefix);
      return response;
    };
  return {
    announce: withId((blobId, request, prefix) => announce(parts, blobId, request, prefix)),
    write: withId(async (blobId, request) => {
      const token = parseKey(request.headers.get(BLOB_WRITE_HEADER)) as Token | undefined; // 32 bytes
      const offset = parseDecimal(request.headers.get(BLOB_OFFSET_HEADER));
      if (offset === undefined) return problem(400, "malformed");
      const bytes = await readBody(request, MAX_BLOB_PART_BYTES);
      if (bytes === undefined) return problem(413, "too-large");
      if (token === undefined) return unknown();
      const outcome = await blobs.write({ blobId, writeHash: hashToken(token), offset, bytes, now: clock.now() });
      switch (outcome.type) {
        case "written":
          counters.add("blobBytesIn", bytes.length);
          return new Response(null, { status: 204, headers: { [BLOB_OFFSET_HEADER]: String(outcome.offset) } });
        case "wrong-offset":
          return problem(409, "wrong-offset", { [BLOB_OFFSET_HEADER]: String(outcome.offset) });
        case "too-large":
          return problem(413, "too-large");
        case "busy":
          return problem(409, "busy");
        case "storage-full":
          return problem(507, "storage-full");
        case "unknown":
          return unknown();
      }
    }),
    status: withId(async (blobId) => {
      const outcome = await blobs.status(blobId, clock.now());
      if (outcome.type === "unknown") return unknown();
      return new Response(null, {
        status: 200,
        headers: {
          [BLOB_OFFSET_HEADER]: String(outcome.offset),
          [BLOB_SIZE_HEADER]: String(outcome.size),
          "cache-control": "no-store",
        },
      });
    }),
    read: withId(async (blobId, request) => {
      const outcome = await blobs.open(blobId, clock.now());
      return outcome.type === "unknown" ? unknown() : await send(outcome, request.headers.get("range"), counters);
    }),
    remove: withId(async (blobId, request) => {
      const token = parseKey(request.headers.get(BLOB_WRITE_HEADER)) as Token | undefined; // 32 bytes
      if (token === undefined) return unknown();
      const outcome = await blobs.remove(blobId, hashToken(token));
      return outcome.type === "removed" ? new Response(null, { status: 204 }) : unknown();
    }),
  };
}

async function announce(parts: BlobHandlerParts, blobId: BlobId, request: Request, prefix = ""): Promise<Response> {
  const { blobs, admission, clock, maxBlobBytes, retentionSeconds, budgets } = parts;
  const body = await readBody(request, blobAnnouncement.maxBytes);
  if (body === undefined) return problem(413, "too-large");
  let blob: BlobAnnouncement;
  try {
    blob = blobAnnouncement.decode(body);
  } catch (error) {
    if (error instanceof WireError) return problem(400, "malformed");
    throw error;
  }
  if (blob.size > maxBlobBytes) return problem(413, "too-large");
  if (budgets?.mayAnnounce(prefix, blob.size) === false) return problem(429, "busy");
  if (!(await admission.admit(blob.admission))) return problem(403, "not-admitted");
  const now = clock.now();
  const expiresAt = now + Math.min(blob.ttlSeconds, retentionSeconds) * 1000;
  const outcome = await blobs.announce({ blobId, size: blob.size, writeHash: blob.writeHash, expiresAt, now });
  if (outcome.type === "announced") {
    budgets?.countAnnounced(prefix, blob.size);
    return new Response(null, { status: 201, headers: { [BLOB_OFFSET_HEADER]: "0" } });
  }
  await admission.refund(blob.admission);
  switch (outcome.type) {
    case "exists":
      return problem(409, "exists");
    case "full":
      return problem(507, "full");
    case "storage-full":
      return problem(507, "storage-full");
  }
}

async function send(blob: OpenBlob, rangeHeader: string | null, counters: Counters): Promise<Response> {
  const range = parseRange(rangeHeader, blob.size);
  if (range === "bad-range") {
    await blob.close();
    return problem(416, "bad-range", { "content-range": `bytes */${String(blob.size)}` });
  }
  const { first, end } = range ?? { first: 0, end: blob.size };
  const headers: Record<string, string> = {
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
    "content-length": String(end - first),
    "accept-ranges": "bytes",
    "cache-control": "no-store",
  };
  if (range !== undefined) headers["content-range"] = `bytes ${String(first)}-${String(end - 1)}/${String(blob.size)}`;
  return new Response(streamOf(blob, first, end, counters), { status: range === undefined ? 200 : 206, headers });
}

/** Reads as the client takes: nothing is held but one chunk. */
function streamOf(blob: OpenBlob, first: number, end: number, counters: Counters): ReadableStream<Uint8Array> {
  let offset = first;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const bytes = await blob.read(offset, Math.min(READ_CHUNK_BYTES, end - offset));
          if (bytes.length === 0 && offset < end) throw new RangeError("a blob became shorter");
          offset += bytes.length;
          counters.add("blobBytesOut", bytes.length);
          if (bytes.length > 0) controller.enqueue(bytes);
          if (offset < end) return;
        } catch (error) {
          await blob.close();
          throw error;
        }
        await blob.close();
        controller.close();
      },
      cancel: () => blob.close(),
    },
    { highWaterMark: 0 },
  );
}
