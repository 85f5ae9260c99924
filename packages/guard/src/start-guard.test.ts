import { chmod, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/guard";
import {
  GUARD_PATH,
  SEALED_GUARD_REPLY_BYTES,
  SEALED_GUARD_REQUEST_BYTES,
  toBase64Url,
  toHex,
} from "@stonechat/protocol";
import { SECURITY_HEADERS } from "@stonechat/serving";
import { beforeAll, describe, expect, test } from "vitest";
import { GUARD_FIELDS, guardEnvName, loadGuardConfig } from "./config.ts";
import { startGuard } from "./start-guard.ts";
import { startChildGuard } from "./testing/child-guard.ts";
import { guardFixture } from "./testing/guard-fixture.ts";
import { overHttp, TestDevice } from "./testing/test-device.ts";

beforeAll(initCrypto);

const config = (data: string) => loadGuardConfig({ flags: { data, listen: "127.0.0.1:0" } });
const octets = { "content-type": "application/octet-stream" };

async function post(url: string, body: Uint8Array, headers: Readonly<Record<string, string>> = octets) {
  const response = await fetch(`${url}${GUARD_PATH}`, {
    method: "POST",
    headers,
    body: body as Uint8Array<ArrayBuffer>,
  });
  return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
}

describe("over HTTP", () => {
  test("a device registers, guesses and reads its status, in requests and replies of one size", async () => {
    const { guard } = await guardFixture();
    const sizes: (readonly number[])[] = [];
    const carry = overHttp(guard.url);
    const device = new TestDevice(systemRandom(), guard.publicKey, async (body) => {
      const reply = await carry(body);
      sizes.push([body.length, reply?.length ?? 0]);
      return reply;
    });
    expect(await device.register()).toEqual({ type: "done" });
    await device.ask({ type: "evaluate", generation: 1, blindedElement: device.dealer.element() });
    expect(await device.guessesLeft()).toBe(9);
    expect(new Set(sizes.map(String))).toEqual(new Set([`${SEALED_GUARD_REQUEST_BYTES},${SEALED_GUARD_REPLY_BYTES}`]));
  });

  test("what is no request gets a plain refusal that says nothing", async () => {
    const { guard } = await guardFixture();
    const noise = new Uint8Array(SEALED_GUARD_REQUEST_BYTES).fill(1);
    for (const [body, headers] of [
      [noise, octets],
      [new Uint8Array(0), octets],
      [noise.subarray(1), octets],
      [new Uint8Array(SEALED_GUARD_REQUEST_BYTES + 1), octets],
      [new Uint8Array(5_000_000), octets],
      [noise, { "content-type": "text/plain" }],
    ] as const) {
      const reply = await post(guard.url, body, headers);
      expect([reply.status, Buffer.from(reply.body).toString()]).toEqual([400, '{"code":"malformed"}']);
    }
    expect((await fetch(`${guard.url}/`)).status).toBe(404);
    expect((await fetch(`${guard.url}${GUARD_PATH}`)).status).toBe(404);
    expect(await (await fetch(`${guard.url}/healthz`)).json()).toEqual({ status: "ok" });
  });

  test("a body that goes on without end is cut off", async () => {
    const { guard } = await guardFixture();
    const { port } = new URL(guard.url);
    const status = await new Promise<number | undefined>((resolve) => {
      const request = httpRequest({ port, path: GUARD_PATH, method: "POST", headers: octets }, (response) => {
        resolve(response.statusCode);
        request.destroy();
      });
      request.on("error", () => undefined);
      for (let n = 0; n < 50; n += 1) request.write(new Uint8Array(1000));
    });
    expect(status).toBe(400);
  });

  test("every answer carries the security headers", async () => {
    const { guard } = await guardFixture();
    for (const response of [await fetch(`${guard.url}/healthz`), await fetch(`${guard.url}/x`)]) {
      for (const [name, value] of SECURITY_HEADERS) expect(response.headers.get(name)).toBe(value);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("too many requests from one network are refused, and cost the guard no cryptography", async () => {
    const { guard, lines } = await guardFixture({ requestsPerSecondPerPrefix: 1, metricsListen: "127.0.0.1:0" });
    const noise = new Uint8Array(SEALED_GUARD_REQUEST_BYTES);
    const statuses = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await post(guard.url, noise)).status);
    expect(statuses.slice(0, 2)).toEqual([400, 400]);
    expect(statuses).toContain(429);
    const metrics = await (await fetch(guard.metricsUrl ?? "")).text();
    expect(metrics).toMatch(/^stonechat_guard_limited_total [1-4]$/m);
    expect(lines.join("")).not.toContain("127.0.0.1");
  });

  test("log and metrics hold nothing of a device", async () => {
    const { guard, lines } = await guardFixture({ metricsListen: "127.0.0.1:0" });
    const device = new TestDevice(systemRandom(), guard.publicKey, overHttp(guard.url));
    await device.register();
    await device.ask({ type: "wipe" });
    await device.ask({ type: "status" });
    const said = lines.join("") + (await (await fetch(guard.metricsUrl ?? "")).text());
    expect(said).toContain("stonechat_guard_destroyed_total 1");
    for (const secret of [device.recordId, device.keys.publicKey]) {
      expect(said).not.toContain(toHex(secret));
      expect(said).not.toContain(toBase64Url(secret));
    }
    expect((await fetch((guard.metricsUrl ?? "").replace("/metrics", "/"))).status).toBe(404);
  });
});

describe("the data folder", () => {
  test("holds a key that only its owner may read, and keeps it", async () => {
    const { guard, data } = await guardFixture();
    expect((await stat(join(data, "guard.key"))).mode & 0o777).toBe(0o600);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    await guard.close();
    const again = await startGuard(config(data), { log: () => undefined });
    expect(again.publicKey).toEqual(guard.publicKey);
    await again.close();
  });

  test("holds no id of a record", async () => {
    const { guard, data } = await guardFixture();
    const device = new TestDevice(systemRandom(), guard.publicKey, overHttp(guard.url));
    await device.register();
    await guard.close();
    for (const file of await readdir(data)) {
      expect((await readFile(join(data, file))).includes(Buffer.from(device.recordId))).toBe(false);
    }
  });

  test("without its key beside records, with a damaged one, or in use, is refused with the reason", async () => {
    const { guard, data } = await guardFixture();
    await expect(startGuard(config(data))).rejects.toMatchObject({ name: "DataFolderError", code: "in-use" });
    await expect(startChildGuard(data)).rejects.toThrow(/exit code 1.*another guard/s);
    await guard.close();
    await writeFile(join(data, "guard.key"), "00ff\n");
    await expect(startGuard(config(data))).rejects.toMatchObject({ name: "KeyFileError", code: "damaged" });
    await rm(join(data, "guard.key"));
    await expect(startGuard(config(data))).rejects.toMatchObject({ name: "KeyFileError", code: "missing" });
    await chmod(data, 0o755);
    await expect(startGuard(config(data))).rejects.toMatchObject({ name: "DataFolderError", code: "too-open" });
  });

  test("of a newer guard is refused", async () => {
    const { DatabaseSync } = await import("node:sqlite");
    const { guard, data } = await guardFixture();
    await guard.close();
    const db = new DatabaseSync(join(data, "guard.sqlite"));
    db.exec("PRAGMA user_version=2");
    db.close();
    await expect(startGuard(config(data))).rejects.toMatchObject({ name: "NewerFormatError" });
  });
});

test("while it runs, the signal that opens Node's debugger does nothing", async () => {
  const before = process.listenerCount("SIGUSR1");
  const { guard } = await guardFixture();
  expect(process.listenerCount("SIGUSR1")).toBe(before + 1);
  await guard.close();
  expect(process.listenerCount("SIGUSR1")).toBe(before);
});

test("stopping answers what was asked before", async () => {
  const { guard } = await guardFixture();
  const carry = overHttp(guard.url);
  const devices = Array.from({ length: 8 }, () => new TestDevice(systemRandom(), guard.publicKey, carry));
  for (const device of devices) await device.register();
  const asked = devices.map((device) =>
    device.ask({ type: "evaluate", generation: 1, blindedElement: device.dealer.element() }),
  );
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await guard.close();
  // Those whose connection was accepted in time get their answer; the others none: never half of one.
  for (const answer of await Promise.all(asked)) expect(answer?.type ?? "evaluated").toBe("evaluated");
});

test("docs/OPERATING.md has every setting with its variable and what is allowed", async () => {
  const manual = await readFile(new URL("../../../docs/OPERATING.md", import.meta.url), "utf8");
  for (const [name, field] of Object.entries(GUARD_FIELDS)) {
    expect(manual).toContain(`\`${name}\` | \`${guardEnvName(name)}\``);
    expect(manual).toContain(field.allowed);
  }
});

test.each([
  ["listen", "8090"],
  ["name", ""],
  ["name", "two\nlines"],
  ["operator", "x".repeat(65)],
  ["publicUrl", "https://guard.example/path"],
  ["metricsListen", "0.0.0.0:9090"],
  ["maxRecords", 0],
  ["unknown", 1],
] as const)("the setting %s is refused with a bad value, which is not quoted", (name, value) => {
  expect(() => loadGuardConfig({ flags: { data: "d", [name]: value } })).toThrow(
    expect.objectContaining({ code: "bad-config" }),
  );
});
