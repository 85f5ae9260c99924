import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFetchHttp, createHttpBlobTransport, type BlobTransport } from "@stonechat/core";
import type { BlobId, Token } from "@stonechat/protocol";
import { loadConfig, startRelay, type RunningRelay } from "@stonechat/relay";
import { describeBlobTransport } from "@stonechat/testkit/blob-transport-contract";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { nodeHttp } from "./node-http.ts";

const MAX_BLOB_MIB = 4;
const fetchHttp = createFetchHttp(async (url, settings) =>
  fetch(url, { ...settings, signal: AbortSignal.timeout(10_000) }),
);

let relay: RunningRelay;
let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), "node-blobs-"));
  const flags = { data: join(path, "relay"), listen: "127.0.0.1:0", admission: "open", blobMaxMib: MAX_BLOB_MIB };
  relay = await startRelay(loadConfig({ flags }), { log: () => undefined });
});
afterAll(async () => {
  await relay.close();
  await rm(path, { recursive: true });
});

describeBlobTransport("HTTP and a relay", async () =>
  Promise.resolve({
    transport: createHttpBlobTransport(nodeHttp),
    relayUrl: relay.url,
    maxBlobBytes: MAX_BLOB_MIB * 1024 * 1024,
    close: async () => Promise.resolve(),
  }),
);

const ID = new Uint8Array(32) as BlobId;
const TOKEN = new Uint8Array(32) as Token;

/** A server that answers as no relay would. */
async function strange(answer: RequestListener): Promise<{ transport: BlobTransport; url: string }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return { transport: createHttpBlobTransport(fetchHttp), url };
}

test.each<[string, RequestListener]>([
  ["an error", (_, response) => response.writeHead(500).end()],
  [
    "a page",
    (_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>Log in to this network"),
  ],
  ["a redirect", (_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end()],
  [
    "numbers that are none",
    (_, response) => response.writeHead(204, { "stonechat-offset": "-1", "stonechat-size": "1e3" }).end(),
  ],
  ["a part of another place", (_, response) => response.writeHead(206, { "content-range": "bytes 5-6/9" }).end("ab")],
  ["a part of another length", (_, response) => response.writeHead(206, { "content-range": "bytes 0-4/9" }).end("ab")],
  [
    "more than was asked for",
    (_, response) => response.writeHead(206, { "content-range": "bytes 0-1/9" }).end("a".repeat(100_000)),
  ],
  [
    "half an answer",
    (_, response) => response.writeHead(206, { "content-length": "10" }).write("a", () => response.destroy()),
  ],
])("%s counts as no answer", async (_, answer) => {
  const { transport, url } = await strange(answer);
  expect(await transport.read(url, ID, 0, 2)).toEqual({ type: "unavailable" });
  expect(await transport.status(url, ID)).toEqual({ type: "unavailable" });
  expect(await transport.write(url, ID, TOKEN, 0, Uint8Array.of(1))).toEqual({ type: "unavailable" });
});

test("a relay that is not there is unavailable", async () => {
  const transport = createHttpBlobTransport(fetchHttp);
  expect(await transport.status("http://127.0.0.1:1", ID)).toEqual({ type: "unavailable" });
});
