import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { GUARD_PATH, SEALED_GUARD_REQUEST_BYTES } from "@stonechat/protocol";
import { createHttpServer, describeError, peerAddress, prefixOf, TokenBuckets, type Log } from "@stonechat/serving";
import type { GuardClock } from "../service/clock.ts";
import type { Counters } from "../service/counters.ts";
import type { GuardService } from "../service/guard-service.ts";

const OCTETS = "application/octet-stream";
/** Of requests: twice what a second allows, so that a page of guesses at once is no harm. */
const BURST_SECONDS = 2;
const SWEEP_EVERY = 1000;

/** What a guard's listener is made of. */
export interface GuardServerParts {
  readonly service: GuardService;
  readonly counters: Counters;
  readonly clock: GuardClock;
  readonly log: Log;
  readonly requestsPerSecondPerPrefix: number;
  readonly trustedProxy: boolean;
}

/** `POST /v1/guard` and `GET /healthz`. Limits come before reading, reading before work. Not listening yet. */
export function createGuardServer(parts: GuardServerParts): Server {
  const { requestsPerSecondPerPrefix: rate } = parts;
  const buckets = new TokenBuckets(rate * BURST_SECONDS, rate);
  let sinceSweep = 0;
  const admits = (prefix: string): boolean => {
    const now = parts.clock.monotonic();
    sinceSweep = (sinceSweep + 1) % SWEEP_EVERY;
    if (sinceSweep === 0) buckets.sweep(now);
    return buckets.take(prefix, now);
  };
  return createHttpServer((request, response) => {
    response.setHeader("cache-control", "no-store");
    if (request.url === "/healthz" && request.method === "GET") {
      answer(response, 200, "application/json", '{"status":"ok"}');
    } else if (request.url !== GUARD_PATH || request.method !== "POST") {
      problem(response, 404, "not-found");
    } else {
      const prefix = prefixOf(peerAddress(request, parts.trustedProxy));
      if (admits(prefix)) void serve(parts, prefix, request, response);
      else {
        parts.counters.add("limited");
        problem(response, 429, "busy");
      }
    }
  });
}

async function serve(
  { service, counters, log }: GuardServerParts,
  prefix: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = request.headers["content-type"] === OCTETS ? await readBody(request) : undefined;
    if (body === undefined) counters.add("malformed");
    const reply = body === undefined ? undefined : await service.serve(body, prefix);
    if (reply === undefined) problem(response, 400, "malformed");
    else answer(response, 200, OCTETS, reply);
  } catch (error) {
    // The store failed: nobody may be told anything but that.
    log({ level: "error", event: "request-failed", ...describeError(error) });
    problem(response, 503, "internal");
  }
}

/** The body, if it has the one size that requests have; reading stops at the first byte more. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const announced = request.headers["content-length"];
  if (announced !== undefined && announced !== String(SEALED_GUARD_REQUEST_BYTES)) return undefined;
  const body = new Uint8Array(SEALED_GUARD_REQUEST_BYTES);
  let length = 0;
  try {
    for await (const piece of request as AsyncIterable<Uint8Array>) {
      // without an encoding the stream gives bytes; its type says any
      if (length + piece.length > body.length) return undefined;
      body.set(piece, length);
      length += piece.length;
    }
  } catch {
    // The sender went away in the middle.
    return undefined;
  }
  return length === body.length ? body : undefined;
}

/** Codes of refusals over HTTP, listed in PROTOCOL. */
export type GuardProblemCode = "not-found" | "malformed" | "busy" | "internal";

function problem(response: ServerResponse, status: number, code: GuardProblemCode): void {
  // What was not read of the request must not be taken for the next one.
  if (!response.req.complete) response.setHeader("connection", "close");
  answer(response, status, "application/json", JSON.stringify({ code }));
}

function answer(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  if (response.destroyed) return;
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) }).end(body);
}
