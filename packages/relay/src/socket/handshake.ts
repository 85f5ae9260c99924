import { hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { SUBPROTOCOL } from "@stonechat/protocol";

const VERSION = "13";
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/**
 * The answer that opens a WebSocket (RFC 6455 §4.2), without extensions, or `undefined` if the request asks for no such
 * socket or not for our subprotocol, or has a body: what would be frames to us would be that to a proxy.
 */
export function acceptHandshake({ headers, httpVersion }: IncomingMessage): string | undefined {
  const key = headers["sec-websocket-key"];
  const asked =
    httpVersion === "1.1" &&
    (headers["content-length"] ?? "0") === "0" &&
    headers["transfer-encoding"] === undefined &&
    headers.upgrade?.toLowerCase() === "websocket" &&
    headers["sec-websocket-version"] === VERSION &&
    key !== undefined &&
    KEY.test(key) &&
    offers(headers["sec-websocket-protocol"]);
  if (!asked) return undefined;
  // No secret and no proof: SHA-1 says here that we have read the request as a WebSocket's, and RFC 6455 leaves no choice.
  const accept = hash("sha1", key + GUID, "base64");
  return (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`
  );
}

function offers(protocols: string | undefined): boolean {
  return (protocols ?? "").split(",").some((name) => name.trim() === SUBPROTOCOL);
}
