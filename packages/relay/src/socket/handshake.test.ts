import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { acceptHandshake } from "./handshake.ts";

const GOOD = {
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "stonechat.v1",
};
// Of a request nothing but its headers and version is looked at.
const answer = (headers: IncomingMessage["headers"], httpVersion = "1.1"): string | undefined =>
  acceptHandshake({ headers, httpVersion } as unknown as IncomingMessage);

test("the example of RFC 6455 is answered as it says, and with no extension", () => {
  expect(answer({ ...GOOD, "sec-websocket-extensions": "permessage-deflate" })).toBe(
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: stonechat.v1\r\n\r\n",
  );
});

test("our subprotocol may stand among others, and the upgrade in capitals", () => {
  expect(answer({ ...GOOD, "sec-websocket-protocol": "chat, stonechat.v1 ,x", upgrade: "WebSocket" })).toBeDefined();
});

test.each<[string, IncomingMessage["headers"]]>([
  ["another upgrade", { upgrade: "h2c" }],
  ["no upgrade", { upgrade: undefined }],
  ["an old version", { "sec-websocket-version": "8" }],
  ["no version", { "sec-websocket-version": undefined }],
  ["no key", { "sec-websocket-key": undefined }],
  ["a short key", { "sec-websocket-key": "AAAA" }],
  ["a long key", { "sec-websocket-key": `${"A".repeat(24)}==` }],
  ["a key that is no base64", { "sec-websocket-key": `${"*".repeat(22)}==` }],
  ["a key with something after it", { "sec-websocket-key": `${GOOD["sec-websocket-key"]}\r\nx: y` }],
  ["another subprotocol", { "sec-websocket-protocol": "stonechat.v10" }],
  ["no subprotocol", { "sec-websocket-protocol": undefined }],
  ["a body of a length", { "content-length": "5" }],
  ["a body in chunks", { "transfer-encoding": "chunked" }],
])("%s is not answered", (_what, changes) => {
  expect(answer({ ...GOOD, ...changes })).toBeUndefined();
});

test("a request of an older HTTP is not answered, and one that says it has no body is", () => {
  expect(answer(GOOD, "1.0")).toBeUndefined();
  expect(answer({ ...GOOD, "content-length": "0" })).toBeDefined();
});
