import { expect, test } from "vitest";
import { RawSocket, upgradeRequest } from "../testing/raw-socket.ts";
import { relayFixture } from "../testing/relay-fixture.ts";

const PATCH = `PATCH /v1/blobs/${"A".repeat(43)} HTTP/1.1\r\nHost: a\r\n`;
const AMBIGUOUS: Readonly<Record<string, string>> = {
  "length and chunks": `${PATCH}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  "two lengths that differ": `${PATCH}Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456`,
  "two lengths that agree": `${PATCH}Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345`,
  "a signed length": `${PATCH}Content-Length: +5\r\n\r\n12345`,
  "a length with a list": `${PATCH}Content-Length: 5, 5\r\n\r\n12345`,
  "an unknown transfer coding": `${PATCH}Transfer-Encoding: gzip, identity\r\n\r\n`,
  "compressed chunks": `${PATCH}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  "the address of another host": `GET http://b/healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "an address with its own host": `GET http://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "an address with a name and password": `GET http://u:p@a/healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a path with steps up": `GET /v1/blobs/../../healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a path with steps up in numbers": `GET /v1/%2e%2e/healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a path with a letter in numbers": `GET /%68ealthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a path with a backslash": `GET /\\healthz HTTP/1.1\r\nHost: a\r\n\r\n`,
  "a path with a fragment": `GET /healthz#x HTTP/1.1\r\nHost: a\r\n\r\n`,
  "no path": `GET * HTTP/1.1\r\nHost: a\r\n\r\n`,
  "an empty host": `GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n`,
  "a host that is a list": `GET /healthz HTTP/1.1\r\nHost: a, b\r\nConnection: close\r\n\r\n`,
  "a coding that nearly is chunked": `${PATCH}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  "a host with a path": `GET /healthz HTTP/1.1\r\nHost: a/v1\r\nConnection: close\r\n\r\n`,
  "a host with a name and password": `GET /healthz HTTP/1.1\r\nHost: u@a\r\nConnection: close\r\n\r\n`,
  "an upgrade with a body": upgradeRequest("Content-Length: 9\r\n"),
  "an upgrade with chunks": upgradeRequest("Transfer-Encoding: chunked\r\n"),
  "an upgrade of an older HTTP": upgradeRequest().replace("HTTP/1.1", "HTTP/1.0"),
  "a header after the last that is counted": `GET /healthz HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(70)}Host: b\r\n\r\n`,
  "chunked not last": `${PATCH}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
  "a folded header": `GET /healthz HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n`,
  "space before the colon": `GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n`,
  "a bare CR in a header": `GET /healthz HTTP/1.1\r\nHost: a\rX: b\r\n\r\n`,
  "a NUL in a header": `GET /healthz HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n`,
  "two hosts": `GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`,
  "no host": `GET /healthz HTTP/1.1\r\n\r\n`,
  "a broken chunk size": `${PATCH}Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n`,
  "a version that does not exist": `GET /healthz HTTP/9.9\r\nHost: a\r\n\r\n`,
  "headers of 20 KB": `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(20_000)}\r\n\r\n`,
  "an expectation": `${PATCH}Expect: 200-ok\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  CONNECT: `CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n`,
};

test(
  "requests that two parsers could read differently are refused and the connection is closed",
  { timeout: 60_000 },
  async () => {
    const { url } = await relayFixture();
    for (const [name, request] of Object.entries(AMBIGUOUS)) {
      const answer = await new RawSocket(url).talk(
        `${request}GET /healthz HTTP/1.1\r\nHost: smuggled\r\nConnection: close\r\n\r\n`,
      );
      expect(answer, name).toMatch(/^HTTP\/1.1 (400|405|408|413|417|431|505) /);
      expect(answer, `${name}: no cache keeps it`).toMatch(/\r\ncache-control: no-store\r\n/i);
      expect(answer.split("HTTP/1.1 ").length, `${name}: one answer`).toBe(2);
      expect(answer, `${name}: nothing after it is answered`).not.toContain('"ok"');
    }
  },
);

test("headers and bodies that come too slowly are cut off", async () => {
  const { createHttpServer } = await import("@stonechat/serving");
  const server = createHttpServer(() => undefined);
  expect(server.headersTimeout).toBeLessThanOrEqual(30_000);
  expect(server.requestTimeout).toBeLessThanOrEqual(30_000);
  expect(server.timeout).toBeLessThanOrEqual(30_000);
});
