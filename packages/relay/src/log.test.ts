import { requestFrame } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { jsonLog } from "@stonechat/serving";
import { FrameClient } from "./testing/frame-client.ts";
import { frame, RawSocket } from "./testing/raw-socket.ts";
import { relayFixture } from "./testing/relay-fixture.ts";
import { ask, entryId, hashOf, logId, poolId, token } from "./testing/service-fixture.ts";

/** The bytes as a log could show them. */
function spellings(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes);
  return [
    buffer.toString("hex"),
    buffer.toString("base64").slice(0, 40),
    buffer.toString("base64url"),
    [...bytes].join(","),
    buffer.toString("latin1"),
  ];
}

test("no log line holds an address, token, id, body, user agent or file name, whatever is asked", async () => {
  const { url, lines, relay } = await relayFixture({ metricsListen: "127.0.0.1:0" });
  const client = await FrameClient.open(url);
  const body = new TextEncoder().encode("the body of a message");
  const requests = [
    ask.create(1),
    ask.create(1),
    { ...ask.append(1, 1), body },
    ask.append(1, 2, 7),
    ask.commit(1, 3),
    ask.read(1, 0),
    ask.read(8),
    ask.subscribe(1),
    ask.put(1, [1], 2),
    ask.take(1),
    ask.take(1, "wrong"),
    { type: "destroy", logId: logId(1), ownerToken: token("none") },
  ] as Parameters<typeof client.ask>[0][];
  for (const request of requests) await client.ask(request);
  const hostile = new RawSocket(url);
  await hostile.upgrade("User-Agent: SpyAgent/1.0\r\nOrigin: http://relay.example\r\nX-Forwarded-For: 203.0.113.9\r\n");
  await hostile.closeCodeAfter(frame(0x82, requestFrame.encode({ requestId: 7, request: ask.read(1) }).slice(0, 60)));
  for (const path of ["/secret-file.txt", "/v1/blobs/secret-blob-name", "/%0d%0aInjected", "/healthz"]) {
    await fetch(url + path, { headers: { "user-agent": "SpyAgent/1.0", "x-forwarded-for": "203.0.113.9" } });
  }
  await new RawSocket(url).talk("GET /\x1b[31mred HTTP/1.1\r\nHost: a\r\n\r\n");
  await relay.close();

  const log = lines.join("");
  expect(lines.length).toBeGreaterThan(0);
  const secrets = [
    logId(1),
    poolId(1),
    entryId(1),
    body,
    token("read 0"),
    token("append 0"),
    token("take"),
    hashOf("read 0"),
    hashOf("append 0"),
  ];
  for (const secret of secrets) for (const spelling of spellings(secret)) expect(log).not.toContain(spelling);
  for (const word of [
    "SpyAgent",
    "203.0.113.9",
    "127.0.0.1",
    "::1",
    "secret-file",
    "secret-blob",
    "Injected",
    "\x1b",
    "\r",
  ]) {
    expect(log).not.toContain(word);
  }
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(200);
});

test("what comes from outside cannot split a line or paint the terminal", () => {
  const lines: string[] = [];
  jsonLog(
    (line) => {
      lines.push(line);
    },
    () => 0,
  )({ level: "warn", event: "x", detail: `a\r\nb\x1b[31m\u202e${"c".repeat(500)}` });
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^[\x20-\x7e]+\n$/);
  expect(lines[0]?.length).toBeLessThan(300);
});
