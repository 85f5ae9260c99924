import {
  BLOB_OFFSET_HEADER,
  BLOB_PATH,
  BLOB_SIZE_HEADER,
  BLOB_WRITE_HEADER,
  blobAnnouncement,
  toBase64Url,
  type BlobId,
  type Token,
} from "@stonechat/protocol";
import type { BlobTransport, ReadOutcome, Unavailable } from "../ports/blob-transport.ts";
import type { Http, HttpRequest, HttpResponse } from "../ports/http.ts";

const UNAVAILABLE: Unavailable = { type: "unavailable" };
/** Answers without content are short; so are those that name a problem. */
const MAX_PROBLEM_BYTES = 4096;

/** Blobs over HTTP (PROTOCOL.md, "Blobs"). Any answer that the protocol does not know counts as none. */
export function createHttpBlobTransport(http: Http): BlobTransport {
  const send = async (
    relayUrl: string,
    blobId: BlobId,
    method: HttpRequest["method"],
    rest: { headers?: Record<string, string>; body?: Uint8Array; maxBytes?: number } = {},
  ): Promise<HttpResponse | undefined> => {
    const url = new URL(`${BLOB_PATH}/${toBase64Url(blobId)}`, relayUrl).href;
    return http.request({ method, url, headers: {}, maxBytes: MAX_PROBLEM_BYTES, ...rest });
  };
  return {
    async announce(relayUrl, blobId, blob) {
      const response = await send(relayUrl, blobId, "POST", { body: blobAnnouncement.encode(blob) });
      switch (response?.status) {
        case 201:
          return { type: "announced" };
        case 409:
          return { type: "exists" };
        case 403:
          return { type: "not-admitted" };
        case 413:
          return { type: "too-large" };
        case 507:
          return { type: "full" };
        default:
          return UNAVAILABLE;
      }
    },

    async write(relayUrl, blobId, writeToken, offset, bytes) {
      const headers = { ...authority(writeToken), [BLOB_OFFSET_HEADER]: String(offset) };
      const response = await send(relayUrl, blobId, "PATCH", { headers, body: bytes });
      const standing = decimal(response, BLOB_OFFSET_HEADER);
      switch (response?.status) {
        case 204:
          return standing === undefined ? UNAVAILABLE : { type: "written", offset: standing };
        case 409:
          return standing === undefined ? { type: "busy" } : { type: "wrong-offset", offset: standing };
        case 413:
          return { type: "too-large" };
        case 507:
          return { type: "full" };
        case 404:
          return { type: "unknown" };
        default:
          return UNAVAILABLE;
      }
    },

    async status(relayUrl, blobId) {
      const response = await send(relayUrl, blobId, "HEAD");
      if (response?.status === 404) return { type: "unknown" };
      const offset = decimal(response, BLOB_OFFSET_HEADER);
      const size = decimal(response, BLOB_SIZE_HEADER);
      if (response?.status !== 200 || offset === undefined || size === undefined) return UNAVAILABLE;
      return { type: "status", offset, size };
    },

    async read(relayUrl, blobId, offset, length) {
      const headers = { range: `bytes=${String(offset)}-${String(offset + length - 1)}` };
      const maxBytes = Math.max(length, MAX_PROBLEM_BYTES);
      const response = await send(relayUrl, blobId, "GET", { headers, maxBytes });
      if (response?.status === 404) return { type: "unknown" };
      switch (response?.status) {
        case 206:
          return toPart(response, offset);
        case 416:
          return toEmptyPart(response);
        default:
          return UNAVAILABLE;
      }
    },

    async remove(relayUrl, blobId, writeToken) {
      const response = await send(relayUrl, blobId, "DELETE", { headers: authority(writeToken) });
      if (response?.status === 404) return { type: "unknown" };
      return response?.status === 204 ? { type: "removed" } : UNAVAILABLE;
    },
  };
}

function authority(writeToken: Token): Record<string, string> {
  return { [BLOB_WRITE_HEADER]: toBase64Url(writeToken) };
}

/** A 206 answer whose range begins where we asked (RFC 9110 §14.4). */
function toPart(response: HttpResponse, offset: number): ReadOutcome {
  const [, first, last, size] =
    /^bytes ([0-9]{1,16})-([0-9]{1,16})\/([0-9]{1,16})$/.exec(response.header("content-range") ?? "") ?? [];
  const whole = Number(first) === offset && Number(last) - offset + 1 === response.body.length;
  return whole ? { type: "part", bytes: response.body, size: Number(size) } : UNAVAILABLE;
}

/** The blob ends before the offset that we asked for; the answer tells its size (RFC 9110 §15.5.17). */
function toEmptyPart(response: HttpResponse): ReadOutcome {
  const [, size] = /^bytes \*\/([0-9]{1,16})$/.exec(response.header("content-range") ?? "") ?? [];
  return size === undefined ? UNAVAILABLE : { type: "part", bytes: new Uint8Array(0), size: Number(size) };
}

function decimal(response: HttpResponse | undefined, header: string): number | undefined {
  const text = response?.header(header) ?? "";
  const value = Number(text);
  return /^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
