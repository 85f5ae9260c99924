import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { S3Place } from "../blobs/s3-blob-bytes.ts";

/** A bucket in this process, which looks at signatures as S3 does, with code of its own. */
export interface S3Double {
  readonly place: S3Place;
  readonly objects: Map<string, Uint8Array>;
  /** Answers so many further requests with 503. */
  failing: number;
  /** Requests that were refused for their signature. */
  readonly refused: number;
  close(): Promise<void>;
}

const REGION = "test-region-1";
const KEY_ID = "test-key";
const SECRET = "test secret of nobody";
const NO_BODY = createHash("sha256").update("").digest("hex");

/** Starts one, with an empty bucket. */
export async function startS3Double(): Promise<S3Double> {
  const objects = new Map<string, Uint8Array>();
  const state = { failing: 0, refused: 0 };
  const answer = async (request: IncomingMessage): Promise<readonly [status: number, body?: Uint8Array]> => {
    const body = await bodyOf(request);
    if (state.failing > 0) {
      state.failing -= 1;
      return [503];
    }
    if (!rightlySigned(request, body)) {
      state.refused += 1;
      return [403];
    }
    const name = new URL(request.url ?? "", "http://localhost").pathname;
    const known = objects.get(name);
    switch (request.method) {
      case "PUT":
        objects.set(name, body);
        return [200];
      case "GET":
        return known === undefined ? [404] : rangeOf(known, request.headers.range);
      case "DELETE":
        objects.delete(name);
        return [204];
      default:
        return [405];
    }
  };
  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status).end(body);
    });
  });
  const place = { region: REGION, keyId: KEY_ID, secret: SECRET, url: `${await listen(server)}/bucket` };
  return {
    place,
    objects,
    get failing() {
      return state.failing;
    },
    set failing(count) {
      state.failing = count;
    },
    get refused() {
      return state.refused;
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Signature Version 4, as "Authenticating Requests (AWS Signature Version 4)" in the S3 API reference has it. */
function rightlySigned(request: IncomingMessage, body: Uint8Array): boolean {
  const [, keyId, scope = "", signed = "", signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    ) ?? [];
  const [day = "", region, service, end] = scope.split("/");
  const time = String(request.headers["x-amz-date"]);
  if (keyId !== KEY_ID || region !== REGION || service !== "s3" || end !== "aws4_request") return false;
  if (!time.startsWith(day) || !signed.split(";").includes("host")) return false;
  const stated = String(request.headers["x-amz-content-sha256"]);
  const actual = body.length === 0 ? NO_BODY : createHash("sha256").update(body).digest("hex");
  if (stated !== "UNSIGNED-PAYLOAD" && stated !== actual) return false;
  const url = new URL(request.url ?? "", "http://localhost");
  const headers = signed.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [request.method, url.pathname, url.search.slice(1), headers.join(""), signed, stated].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = [day, REGION, "s3", "aws4_request"].reduce<string | Buffer>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    `AWS4${SECRET}`,
  );
  return createHmac("sha256", key).update(toSign).digest("hex") === signature;
}

function rangeOf(bytes: Uint8Array, range: string | undefined): readonly [number, Uint8Array] {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range ?? "") ?? [];
  return first === undefined ? [200, bytes] : [206, bytes.subarray(Number(first), Number(last) + 1)];
}

async function bodyOf(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return new Uint8Array(Buffer.concat(chunks));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`; // it listens on TCP
}
