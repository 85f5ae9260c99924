import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EntryId } from "@stonechat/protocol";
import { blobAnnouncement } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { startRelay } from "./start-relay.ts";
import { FrameClient } from "./testing/frame-client.ts";
import { relayFixture } from "./testing/relay-fixture.ts";
import { ask, hashOf, logId, poolId, token } from "./testing/service-fixture.ts";

const MARKER = "MARKER-that-must-go-7f3a";
const marked = (length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  for (let at = 0; at + MARKER.length <= length; at += MARKER.length + 5)
    bytes.set(new TextEncoder().encode(MARKER), at);
  return bytes;
};

/** Whether any file under `folder` holds the marker. */
async function holdsMarker(folder: string): Promise<boolean> {
  for (const item of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (item.isFile() && (await bytesOf(join(item.parentPath, item.name))).includes(MARKER)) return true;
  }
  return false;
}

/** A relay that runs removes files while they are looked at: what is gone holds nothing. */
async function bytesOf(path: string): Promise<Buffer> {
  return await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
}

test.for(["segments", "sqlite"])(
  "%s: expired entries, destroyed logs, taken KeyPackages and removed blobs are gone from every file",
  { timeout: 60_000 },
  async (store) => {
    const { url, data, relay } = await relayFixture({ store });
    const client = await FrameClient.open(url);
    await client.expect("done", ask.create(1));
    await client.expect("done", ask.create(2, "owner"));
    for (let n = 0; n < 40; n += 1) {
      const entryId = new Uint8Array(16).fill(n) as EntryId;
      const body = marked(n % 2 === 0 ? 900 : 20_000);
      await client.expect("appended", { ...ask.append(1, 0), entryId, body } as ReturnType<typeof ask.append>);
      await client.expect("appended", { ...ask.append(2, 0), entryId, body } as ReturnType<typeof ask.append>);
    }
    const put = {
      type: "pool-put",
      poolId: poolId(1),
      ownerToken: token("owner"),
      takeHash: hashOf("take"),
      keyPackages: [marked(2000)],
      lastResort: undefined,
      admission: new Uint8Array(0),
    } as const;
    await client.expect("done", put);
    const blob = `${url}/v1/blobs/${"A".repeat(43)}`;
    const write = { "stonechat-write": Buffer.from(token("write")).toString("base64url"), "stonechat-offset": "0" };
    const announcement = blobAnnouncement.encode({
      size: 5000,
      ttlSeconds: 9000,
      writeHash: hashOf("write"),
      admission: new Uint8Array(0),
    });
    expect((await fetch(blob, { method: "POST", body: announcement as Uint8Array<ArrayBuffer> })).status).toBe(201);
    expect(
      (await fetch(blob, { method: "PATCH", body: marked(5000) as Uint8Array<ArrayBuffer>, headers: write })).status,
    ).toBe(204);
    expect(await holdsMarker(data)).toBe(true);

    await client.expect("taken", ask.take(1));
    await client.expect("done", { type: "destroy", logId: logId(2), ownerToken: token("owner") });
    expect((await fetch(blob, { method: "DELETE", headers: write })).status).toBe(204);
    await relay.close();
    // A month later. (A clock that leaps while the relay runs erases nothing: see ClockGuard.)
    const clock = { now: () => Date.now() + 31 * 24 * 3600 * 1000 };
    const config = loadConfig({ flags: { data, listen: "127.0.0.1:0", admission: "open", reserveMib: 1 } });
    const later = await startRelay(config, { clock, log: () => undefined });
    const deadline = Date.now() + 20_000;
    while ((await holdsMarker(data)) && Date.now() < deadline) {
      await new Promise((resolve) => {
        setTimeout(resolve, 200);
      });
    }
    expect(await holdsMarker(data)).toBe(false);
    const reader = await FrameClient.open(later.url);
    expect((await reader.expect("entries", ask.read(1))).entries).toEqual([]);
    await later.close();
    expect(await holdsMarker(data)).toBe(false);
  },
);

test.for(["segments", "sqlite"])(
  "%s: erasing many entries holds up no append for long",
  { timeout: 60_000 },
  async (store) => {
    const { url } = await relayFixture({ store });
    const client = await FrameClient.open(url);
    await client.expect("done", ask.create(1));
    const many = Array.from({ length: 5000 }, (_, n) => {
      const entryId = new Uint8Array(16);
      new DataView(entryId.buffer).setUint32(0, n);
      return client.expect("appended", {
        ...ask.append(1, 1, 0, 1024),
        entryId: entryId as EntryId,
        ttlSeconds: 1,
      } as ReturnType<typeof ask.append>);
    });
    await Promise.all(many);
    const whileErasing = await medianOfAppends(client, 1, 200);
    // On a quiet machine every one is under 50 ms; on a busy one it is compared with what an append takes there.
    await client.expect("done", ask.create(2));
    const usual = await medianOfAppends(client, 2, 50);
    expect(whileErasing).toBeLessThan(Math.max(50, 3 * usual));
  },
);

/** Milliseconds that the middle one of so many appends to a log takes, one after the other with a rest between. */
async function medianOfAppends(client: FrameClient, log: number, count: number): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const entryId = new Uint8Array(16).fill(255);
    new DataView(entryId.buffer).setUint32(0, n);
    const began = performance.now();
    await client.expect("appended", { ...ask.append(log, 1), entryId: entryId as EntryId } as ReturnType<
      typeof ask.append
    >);
    times.push(performance.now() - began);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
  return times.toSorted((a, b) => a - b)[Math.floor(count / 2)] ?? Infinity;
}
