import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { initCrypto, sha256 } from "@stonechat/crypto/issuer";
import {
  GUARD_PATH,
  guardList,
  GUARDS_PATH,
  SEALED_GUARD_REPLY_BYTES,
  SEALED_GUARD_REQUEST_BYTES,
  toBase64Url,
  toHex,
} from "@stonechat/protocol";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { relayFixture, temporaryFolder } from "../testing/relay-fixture.ts";

beforeAll(initCrypto);

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}
const REPLY = new Uint8Array(SEALED_GUARD_REPLY_BYTES).fill(9);
const REQUEST = new Uint8Array(SEALED_GUARD_REQUEST_BYTES).fill(3);
const honest = (response: ServerResponse): void => {
  response
    .writeHead(200, { "content-type": "application/octet-stream", "set-cookie": "a=b", "x-guard": "1" })
    .end(REPLY);
};

/** A relay with one guard, whose behaviour is given. */
async function stage(
  behave: (response: ServerResponse) => void = honest,
  flags: Record<string, string | number> = {},
  ports: Parameters<typeof relayFixture>[1] = {},
) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(pieces) });
      behave(response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  const publicKey = new Uint8Array(1216).fill(5);
  const file = join(await temporaryFolder(), "guards.json");
  const guard = { name: "G", operator: "O", url: origin, publicKey: toBase64Url(publicKey) };
  await writeFile(file, JSON.stringify({ threshold: 1, guards: [guard] }));
  const { url, lines } = await relayFixture({ guards: file, ...flags }, ports);
  const id = toHex(sha256(publicKey));
  const post = (body: Uint8Array = REQUEST, to = id, headers: Record<string, string> = {}) =>
    fetch(`${url}${GUARDS_PATH}/${to}`, { method: "POST", body: body as Uint8Array<ArrayBuffer>, headers });
  return { url, id, seen, lines, post, publicKey, close: () => server.closeAllConnections() };
}

test("the list is what the operator's file says, and empty without one", async () => {
  const { url, publicKey } = await stage();
  const published = guardList.decode(new Uint8Array(await (await fetch(`${url}${GUARDS_PATH}`)).arrayBuffer()));
  expect(published.guards.map(({ name }) => name)).toEqual(["G"]);
  expect(published.guards[0]?.publicKey).toEqual(publicKey);
  const { url: bare } = await relayFixture();
  const none = await fetch(`${bare}${GUARDS_PATH}`);
  expect(guardList.decode(new Uint8Array(await none.arrayBuffer())).guards).toEqual([]);
});

describe("a request", () => {
  test("reaches the guard with nothing of the client, and the reply comes back with nothing of the guard's headers", async () => {
    const { post, seen } = await stage();
    const response = await post(REQUEST, undefined, {
      "x-forwarded-for": "192.0.2.7",
      cookie: "who=me",
      "user-agent": "somebody",
      "accept-language": "tlh",
    });
    expect([response.status, new Uint8Array(await response.arrayBuffer())]).toEqual([200, REPLY]);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("x-guard")).toBeNull();
    const [one] = seen;
    expect([one?.method, one?.url]).toEqual(["POST", GUARD_PATH]);
    expect(Object.keys(one?.headers ?? {}).sort()).toEqual(["connection", "content-length", "content-type", "host"]);
    expect(one?.body.equals(REQUEST)).toBe(true);
  });

  test("goes to the listed guards only, whatever stands in the path", async () => {
    const { post, seen, id } = await stage();
    const other = id.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
    for (const to of [
      other,
      id.toUpperCase().replace(/[0-9]/g, "A"),
      "http%3A%2F%2F127.0.0.1%3A1",
      "..%2Fhealthz",
      `${id}0`,
    ]) {
      expect((await post(REQUEST, to)).status, to).toBe(to.includes("%") ? 400 : 404);
    }
    expect((await post(REQUEST, `${id}/more`)).status).toBe(404);
    expect(seen).toEqual([]);
  });

  test("of another size is refused before the guard hears of it", async () => {
    const { post, seen } = await stage();
    for (const length of [0, 1, SEALED_GUARD_REQUEST_BYTES - 1, SEALED_GUARD_REQUEST_BYTES + 1, 3_000_000]) {
      expect((await post(new Uint8Array(length))).status).toBe(400);
    }
    expect(seen).toEqual([]);
  });

  test("of one network beyond its limit is refused", async () => {
    // However long the requests take, it is one moment.
    const clock = { now: () => 1_800_000_000_000 };
    const { post } = await stage(honest, { guardRequestsPerSecondPerPrefix: 1 }, { clock });
    const statuses: number[] = [];
    for (let n = 0; n < 8; n += 1) statuses.push((await post()).status);
    expect(statuses.slice(0, 4)).toEqual([200, 200, 200, 200]);
    expect(statuses).toContain(429);
  });

  test("from a foreign page is refused", async () => {
    const { post, seen } = await stage();
    expect((await post(REQUEST, undefined, { origin: "https://evil.example" })).status).toBe(403);
    expect(seen).toEqual([]);
  });
});

describe("a guard", () => {
  const BEHAVIOURS: Readonly<Record<string, (response: ServerResponse) => void>> = {
    "that refuses": (response) => response.writeHead(429).end(REPLY),
    "that sends us elsewhere": (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(REPLY),
    "that says too little": (response) => response.writeHead(200).end(REPLY.subarray(1)),
    "that says too much": (response) => response.writeHead(200).end(Buffer.alloc(5_000_000)),
    "that hangs up": (response) => response.destroy(),
    "that breaks off": (response) => {
      response.writeHead(200, { "content-length": REPLY.length });
      response.write(REPLY.subarray(0, 10), () => response.destroy());
    },
    "that never answers": () => undefined,
  };
  test.each(Object.entries(BEHAVIOURS))("%s counts as out of reach", async (_what, behave) => {
    const { post } = await stage(behave);
    const response = await post();
    expect([response.status, await response.json()]).toEqual([502, { code: "guard-unreachable" }]);
  });

  test("that cannot be reached is never named in the log", async () => {
    const { post, lines, id } = await stage((response) => response.destroy());
    await post();
    expect(lines.join("")).not.toContain(id);
  });
});
