import { expect, test } from "vitest";
import { FrameClient } from "../testing/frame-client.ts";
import { RawSocket, upgradeRequest } from "../testing/raw-socket.ts";
import { relayFixture } from "../testing/relay-fixture.ts";
import { prefixOf } from "@stonechat/serving";
import { ConnectionLimiter } from "./connection-limiter.ts";

const ORIGINS: Readonly<Record<string, readonly [origin: string | undefined, status: number]>> = {
  "no browser": [undefined, 101],
  "the page that the relay itself serves": ["https://relay.example", 101],
  "the same without TLS, as on loopback": ["http://relay.example", 101],
  "a listed origin": ["https://app.example", 101],
  "a foreign page": ["https://evil.example", 403],
  "a page that hides where it is from": ["null", 403],
  "a longer name": ["https://relay.example.evil.example", 403],
  "another port": ["https://relay.example:8443", 403],
};

test("browsers connect from the relay's own pages and the listed origins only", async () => {
  const { url } = await relayFixture({ origins: "https://app.example" });
  for (const [name, [origin, status]] of Object.entries(ORIGINS)) {
    const socket = new RawSocket(url);
    const answer = await socket.upgrade(origin === undefined ? "" : `Origin: ${origin}\r\n`);
    expect(answer, name).toMatch(new RegExp(`^HTTP/1.1 ${String(status)} `));
    socket.socket.destroy();
  }
});

test("an upgrade elsewhere, without our subprotocol or of another method is refused with our headers", async () => {
  const { url } = await relayFixture();
  const requests = {
    elsewhere: upgradeRequest("", "/v1/other"),
    "with a query": upgradeRequest("", "/v1/socket?token=x"),
    "without subprotocol": upgradeRequest().replace(/Sec-WebSocket-Protocol[^\r]*\r\n/, ""),
    "by POST": upgradeRequest().replace("GET", "POST"),
    "old version": upgradeRequest().replace("Version: 13", "Version: 7"),
    "without a host": upgradeRequest().replace("Host: relay.example\r\n", ""),
    "of two hosts": upgradeRequest("Host: other.example\r\n"),
    "from two origins": upgradeRequest("Origin: https://relay.example\r\nOrigin: https://evil.example\r\n"),
    "short key": upgradeRequest().replace("AAAAAAAAAAAAAAAAAAAAAA==", "AAAA"),
  };
  for (const [name, request] of Object.entries(requests)) {
    const answer = await new RawSocket(url).talk(request);
    expect(answer, name).toMatch(/^HTTP\/1.1 4[0-9][0-9] /);
    expect(answer, name).toContain("content-security-policy: default-src 'none'");
  }
});

test("connections over the limit of one prefix are refused, and room comes back", async () => {
  const { url } = await relayFixture({ maxConnectionsPerPrefix: 2 });
  const [one] = [await FrameClient.open(url), await FrameClient.open(url)];
  expect(await new RawSocket(url).talk(upgradeRequest())).toMatch(/^HTTP\/1.1 429 /);
  await one.close();
});

test("a burst of connections from one prefix is slowed, others are not", () => {
  const time = { now: 0 };
  const limiter = new ConnectionLimiter(
    { total: 100, perPrefix: 100, burstPerPrefix: 5, perSecondPerPrefix: 1 },
    { now: () => time.now },
  );
  const enter = (address: string, count: number): number =>
    Array.from({ length: count }, () => limiter.enter(address)).filter((prefix) => prefix !== undefined).length;
  expect(enter("192.0.2.1", 10)).toBe(5);
  expect(enter("198.51.100.1", 3)).toBe(3);
  time.now += 2000;
  expect(enter("192.0.2.77", 10)).toBe(2);
  expect(limiter.total).toBe(10);
});

test("addresses of one subscriber share a prefix", () => {
  expect(prefixOf("192.0.2.1")).toBe(prefixOf("::ffff:192.0.2.200"));
  expect(prefixOf("192.0.2.1")).not.toBe(prefixOf("192.0.3.1"));
  expect(prefixOf("2001:db8:1:2ff::1")).toBe(prefixOf("2001:db8:1:200:aaaa::"));
  expect(prefixOf("2001:db8:1:200::1")).not.toBe(prefixOf("2001:db8:1:300::1"));
  expect(prefixOf("::1")).not.toBe(prefixOf("fe80::1%eth0"));
});
