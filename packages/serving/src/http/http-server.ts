import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Server as NetServer, Socket } from "node:net";
import { BLOB_OFFSET_HEADER, BLOB_WRITE_HEADER } from "@stonechat/protocol";
import type { ListenAddress } from "../settings/config-fields.ts";
import { rawResponse } from "./raw-response.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

const HEADERS_TIMEOUT_MS = 15_000;
/** With what looking for it may take, half a minute. */
const REQUEST_TIMEOUT_MS = 25_000;
const IDLE_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 2000;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_HEADERS = 64;

/** An HTTP server with our limits, that answers everything, broken requests too, with our headers. Not listening yet. */
export function createHttpServer(listener: (request: IncomingMessage, response: ServerResponse) => void): Server {
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECK_INTERVAL_MS,
    keepAliveTimeout: 10_000,
    insecureHTTPParser: false,
    // We look for it ourselves: Node's own answer would lack our headers.
    requireHostHeader: false,
    noDelay: true,
  };
  const refused = new WeakSet<Socket>();
  const server = createServer(options, (request, response) => {
    for (const [name, value] of SECURITY_HEADERS) response.setHeader(name, value);
    // Who may keep an answer is for the listener to say: what it forgets, and what fails on its way there, nobody may.
    response.setHeader("cache-control", "no-store");
    if (isAmbiguous(request)) {
      refused.add(request.socket);
      response.writeHead(400, { connection: "close", "content-length": 0 }).end();
    } else listener(request, response);
  });
  server.maxHeadersCount = MAX_HEADERS;
  server.timeout = IDLE_TIMEOUT_MS;
  server.on("clientError", (error: Error & { readonly code?: string }, socket: Socket) => {
    // Who was refused and cannot be read further gets no second answer, which might be taken for that to another request.
    if (error.code === "ECONNRESET" || !socket.writable || refused.has(socket)) {
      socket.destroy();
      return;
    }
    socket.end(rawResponse(statusOf(error.code)), () => {
      socket.destroy();
    });
  });
  // `Expect` other than 100-continue, and CONNECT: nothing here needs them.
  server.on("checkExpectation", (request) => {
    request.socket.end(rawResponse(417));
  });
  server.on("connect", (_request, socket) => {
    socket.end(rawResponse(405));
  });
  return server;
}

/** Headers that decide something: two of them, and a proxy before us may have gone by the other one. */
const DECISIVE = new Set([
  "host",
  "origin",
  "content-length",
  "transfer-encoding",
  "range",
  BLOB_WRITE_HEADER,
  BLOB_OFFSET_HEADER,
]);

/** A name or an address, and perhaps a port (RFC 9110 §7.2). */
const HOST = /^(?:[A-Za-z0-9._~-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?$/;
/** The letters that a path of ours is made of. None of them has another spelling. */
const PATH = /^\/[A-Za-z0-9._~!$&'()*+,;=:@/-]*$/;

/**
 * Whether a program before us may read the request otherwise than we do: it lacks a `Host` or has an odd one, says twice what must be said
 * once, has a body in another coding than chunks, or asks for something that is not a plain path: one with a host of its
 * own, with letters that are written as numbers, or with steps up.
 */
export function isAmbiguous(request: IncomingMessage): boolean {
  const names = request.rawHeaders.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase());
  const decisive = names.filter((name) => DECISIVE.has(name));
  if (new Set(decisive).size !== decisive.length || !HOST.test(request.headers.host ?? "")) return true;
  const coding = request.headers["transfer-encoding"]?.toLowerCase();
  return !isPlainTarget(request.url ?? "") || (coding !== undefined && coding !== "chunked");
}

function isPlainTarget(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  return PATH.test(path) && !target.includes("#") && !path.split("/").some((part) => part === "." || part === "..");
}

/**
 * @param shared - Other processes of ours listen on the same address, and the system shares connections out.
 * @returns the port, which the system chose if `port` was 0. @throws the system's error, for example `EADDRINUSE`.
 */
export async function listen(server: NetServer, { host, port }: ListenAddress, shared = false): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: 4096, reusePort: shared }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}

function statusOf(code: string | undefined): number {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return 431;
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return 408;
    default:
      return 400;
  }
}
