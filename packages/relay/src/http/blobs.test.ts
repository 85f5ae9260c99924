import { blobAnnouncement } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { relayFixture, type RelayFixture } from "../testing/relay-fixture.ts";
import { hashOf, token } from "../testing/service-fixture.ts";

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const ID = base64url(new Uint8Array(32).fill(7));
const WRITE = "stonechat-write";
const OFFSET = "stonechat-offset";

/** Calls on one blob, as its writer. */
function blobOf({ url }: Pick<RelayFixture, "url">, id = ID, name = "write") {
  const at = `${url}/v1/blobs/${id}`;
  const authorised = { [WRITE]: base64url(token(name)) };
  return {
    announce: (size: number, ttlSeconds = 1000) =>
      fetch(at, {
        method: "POST",
        body: blobAnnouncement.encode({
          size,
          ttlSeconds,
          writeHash: hashOf(name),
          admission: new Uint8Array(0),
        }) as Uint8Array<ArrayBuffer>,
      }),
    write: (offset: number, text: string, headers: Record<string, string> = authorised) =>
      fetch(at, { method: "PATCH", body: text, headers: { [OFFSET]: String(offset), ...headers } }),
    status: () => fetch(at, { method: "HEAD" }),
    read: (range?: string) => fetch(at, range === undefined ? {} : { headers: { range } }),
    remove: (headers: Record<string, string> = authorised) => fetch(at, { method: "DELETE", headers }),
  };
}

test("a blob comes in parts and goes out whole or in ranges", async () => {
  const blob = blobOf(await relayFixture());
  expect((await blob.announce(10)).status).toBe(201);
  expect((await blob.write(0, "01234")).headers.get(OFFSET)).toBe("5");
  expect((await blob.status()).headers.get("stonechat-size")).toBe("10");
  expect((await blob.status()).headers.get(OFFSET)).toBe("5");
  expect((await blob.read()).status).toBe(404);
  expect((await blob.write(5, "56789")).status).toBe(204);
  const whole = await blob.read();
  expect([whole.status, whole.headers.get("cache-control"), await whole.text()]).toEqual([
    200,
    "no-store",
    "0123456789",
  ]);
  const ranges: Readonly<Record<string, readonly [number, string]>> = {
    "bytes=2-4": [206, "234"],
    "bytes=7-": [206, "789"],
    "bytes=-3": [206, "789"],
    "bytes=8-99": [206, "89"],
    "bytes=10-": [416, ""],
    "bytes=4-2": [416, ""],
    "bytes=0-1,3-4": [416, ""],
    "lines=0-1": [416, ""],
  };
  for (const [range, [status, text]] of Object.entries(ranges)) {
    const response = await blob.read(range);
    expect(response.status, range).toBe(status);
    if (status === 206) expect(await response.text(), range).toBe(text);
  }
});

test("an unknown id, a malformed id and a wrong token get the one answer", async () => {
  const fixture = await relayFixture();
  const [mine, absent, malformed] = [
    blobOf(fixture),
    blobOf(fixture, base64url(new Uint8Array(32).fill(9))),
    blobOf(fixture, "short"),
  ];
  await mine.announce(5);
  const wrong = { [WRITE]: base64url(token("thief")) };
  const answers = [
    await mine.write(0, "x", wrong),
    await mine.write(0, "x", {}),
    await mine.write(0, "x", { [WRITE]: "!" }),
    await mine.remove(wrong),
    await mine.remove({}),
    await mine.read(),
    await absent.write(0, "x"),
    await absent.remove(),
    await absent.read(),
    await malformed.read(),
    await malformed.write(0, "x"),
  ];
  for (const answer of answers) expect([answer.status, await answer.text()]).toEqual([404, '{"code":"unknown"}']);
  expect((await absent.status()).status).toBe(404);
  expect((await mine.status()).headers.get(OFFSET)).toBe("0");
});

test("a part at the wrong place changes nothing and says where to go on", async () => {
  const blob = blobOf(await relayFixture());
  await blob.announce(10);
  await blob.write(0, "01234");
  for (const offset of [0, 4, 6]) {
    const answer = await blob.write(offset, "xx");
    expect([answer.status, answer.headers.get(OFFSET)]).toEqual([409, "5"]);
  }
  await blob.write(5, "56789");
  expect((await blob.write(10, "x")).status).toBe(413);
  expect((await blob.write(0, "other")).status).toBe(409);
  expect(await (await blob.read()).text()).toBe("0123456789");
});

test("of two writers at one place one wins, and the content is never mixed", async () => {
  const blob = blobOf(await relayFixture());
  await blob.announce(100_000);
  const parts = ["a", "b", "c", "d"].map((letter) => letter.repeat(50_000));
  const answers = await Promise.all(parts.map((part) => blob.write(0, part)));
  expect(answers.filter(({ status }) => status === 204)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
  await blob.write(50_000, parts[0] ?? "");
  const text = await (await blob.read()).text();
  expect(new Set(text.slice(0, 50_000)).size).toBe(1);
});

test("sizes over a limit are refused before they are stored", async () => {
  const fixture = await relayFixture({ blobMaxMib: 1, blobTotalMib: 1 });
  const mib = 1024 * 1024;
  expect((await blobOf(fixture).announce(mib + 1)).status).toBe(413);
  expect((await blobOf(fixture).announce(mib - 10)).status).toBe(201);
  const second = blobOf(fixture, base64url(new Uint8Array(32).fill(8)));
  const full = await second.announce(11);
  expect([full.status, await full.text()]).toEqual([507, '{"code":"full"}']);
  expect((await blobOf(fixture).write(0, "x".repeat(mib + 1))).status).toBe(413);
  await blobOf(fixture).remove();
  expect((await second.announce(11)).status).toBe(201);
});

test("broken announcements and headers are refused", async () => {
  const fixture = await relayFixture();
  const post = (body: string): Promise<Response> => fetch(`${fixture.url}/v1/blobs/${ID}`, { method: "POST", body });
  expect((await post("")).status).toBe(400);
  expect((await post("x".repeat(100))).status).toBe(400);
  expect((await post("x".repeat(300))).status).toBe(413);
  const blob = blobOf(fixture);
  await blob.announce(5);
  expect((await blob.announce(5)).status).toBe(409);
  const write = base64url(token("write"));
  for (const offset of ["", "-1", "+0", "00", "0x0", "1e1", "0, 0", "9007199254740993"]) {
    expect((await blob.write(0, "x", { [WRITE]: write, [OFFSET]: offset })).status, offset).toBe(400);
  }
  expect((await fetch(`${fixture.url}/v1/blobs/${ID}?x=1`)).status).toBe(400);
});

test("an empty blob is complete at once, and a removed one is gone", async () => {
  const blob = blobOf(await relayFixture());
  await blob.announce(0);
  expect([(await blob.read()).status, await (await blob.read()).text()]).toEqual([200, ""]);
  expect((await blob.remove()).status).toBe(204);
  expect((await blob.read()).status).toBe(404);
});
