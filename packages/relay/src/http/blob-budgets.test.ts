import { blobAnnouncement } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { relayFixture } from "../testing/relay-fixture.ts";
import { hashOf } from "../testing/service-fixture.ts";

const DAY = 24 * 3600 * 1000;
const MIB = 1024 * 1024;
const idOf = (n: number): string => Buffer.from(new Uint8Array(32).fill(n)).toString("base64url");

async function stage(flags: Readonly<Record<string, string | number>> = {}) {
  const time = { now: 1_800_000_000_000 };
  const { url } = await relayFixture({ trustedProxy: "true", ...flags }, { clock: { now: () => time.now } });
  /** A request as a proxy passes it on from this address. */
  const from = (address: string, n: number, init: RequestInit = {}): Promise<Response> =>
    fetch(`${url}/v1/blobs/${idOf(n)}`, { ...init, headers: { "x-forwarded-for": address } });
  const announce = (address: string, n: number, size: number): Promise<Response> => {
    const fields = { size, ttlSeconds: 1000, writeHash: hashOf("write"), admission: new Uint8Array(0) };
    return from(address, n, { method: "POST", body: blobAnnouncement.encode(fields) as Uint8Array<ArrayBuffer> });
  };
  return { time, from, announce };
}

test("one network announces so much in a day, another one is not held up, and the next day is new", async () => {
  const { time, announce } = await stage({ blobMibPerDayPerPrefix: 10 });
  expect((await announce("192.0.2.1", 1, 6 * MIB)).status).toBe(201);
  const refused = await announce("192.0.2.99", 2, 4 * MIB + 1);
  expect([refused.status, await refused.json()]).toEqual([429, { code: "busy" }]);
  expect((await announce("192.0.2.2", 2, 4 * MIB)).status).toBe(201);
  expect((await announce("198.51.100.1", 3, 10 * MIB)).status).toBe(201);
  time.now += DAY;
  expect((await announce("192.0.2.1", 4, 10 * MIB)).status).toBe(201);
});

test("what was refused does not count", async () => {
  const { announce } = await stage({ blobMibPerDayPerPrefix: 10, blobMaxMib: 8 });
  expect((await announce("192.0.2.1", 1, 9 * MIB)).status).toBe(413);
  expect((await announce("192.0.2.1", 1, 1)).status).toBe(201);
  for (let n = 0; n < 20; n += 1) expect((await announce("192.0.2.1", 1, MIB)).status).toBe(409);
  expect((await announce("192.0.2.1", 2, 8 * MIB)).status).toBe(201);
});

test(
  "who asks again and again for what is not there is refused for a while, even what is there, and others are not",
  {
    timeout: 60_000,
  },
  async () => {
    const { time, from, announce } = await stage();
    await announce("198.51.100.1", 1, 0);
    const statuses = new Map<number, number>();
    for (let n = 0; n < 2100; n += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => from("192.0.2.1", 9)));
      for (const { status } of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(statuses.get(404)).toBeGreaterThanOrEqual(2000);
    expect(statuses.get(404)).toBeLessThan(2050);
    expect((await from("192.0.2.200", 1)).status).toBe(429);
    expect((await from("198.51.100.1", 1)).status).toBe(200);
    time.now += 1000;
    expect((await from("192.0.2.1", 1)).status).toBe(200);
  },
);
