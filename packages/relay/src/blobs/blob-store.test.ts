import { readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { BlobId } from "@stonechat/protocol";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { bodyOf, hashOf } from "../testing/service-fixture.ts";
import { ORPHAN_MS, type BlobStore } from "./blob-store.ts";
import { FileBlobStore } from "./file-blob-store.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";

await initCrypto();
const LIMITS = { totalBytes: 1000 };
const NOW = 1_800_000_000_000;
const blobId = (n: number): BlobId => new Uint8Array(32).fill(n) as BlobId;
const announcement = (n: number, size: number, expiresAt = NOW + 2 * ORPHAN_MS) => ({
  blobId: blobId(n),
  size,
  writeHash: hashOf("write"),
  expiresAt,
  now: NOW,
});
const part = (n: number, offset: number, bytes: Uint8Array) => ({
  blobId: blobId(n),
  writeHash: hashOf("write"),
  offset,
  bytes,
  now: NOW,
});

async function readAll(store: BlobStore, n: number): Promise<Uint8Array | undefined> {
  const blob = await store.open(blobId(n), NOW);
  if (blob.type === "unknown") return undefined;
  const bytes = await blob.read(0, blob.size);
  await blob.close();
  return bytes;
}

describe.each<readonly [name: string, open: () => Promise<BlobStore>]>([
  ["memory", () => Promise.resolve(new MemoryBlobStore(LIMITS))],
  ["files", async () => await FileBlobStore.open(join(await temporaryFolder(), "blobs"), LIMITS, 0)],
])("%s: blob store", (_name, open) => {
  test("keeps what was written, and opens it only when complete", async () => {
    const store = await open();
    expect(await store.announce(announcement(1, 10))).toEqual({ type: "announced" });
    expect(await store.announce(announcement(1, 10))).toEqual({ type: "exists" });
    expect(await store.write(part(1, 0, bodyOf(1, 4)))).toEqual({ type: "written", offset: 4, complete: false });
    expect(await store.open(blobId(1), NOW)).toEqual({ type: "unknown" });
    expect(await store.write(part(1, 4, bodyOf(2, 6)))).toEqual({ type: "written", offset: 10, complete: true });
    expect(await readAll(store, 1)).toEqual(Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 2, 2));
  });

  test("a part that is too long or misplaced changes nothing", async () => {
    const store = await open();
    await store.announce(announcement(1, 4));
    expect(await store.write(part(1, 0, bodyOf(1, 5)))).toEqual({ type: "too-large" });
    expect(await store.write(part(1, 2, bodyOf(1, 2)))).toEqual({ type: "wrong-offset", offset: 0 });
    expect(await store.status(blobId(1), NOW)).toEqual({ type: "status", offset: 0, size: 4 });
  });

  test("announced sizes count against the total until they are gone", async () => {
    const store = await open();
    await store.announce(announcement(1, 600));
    expect(await store.announce(announcement(2, 401))).toEqual({ type: "full" });
    expect(await store.announce(announcement(3, 400))).toEqual({ type: "announced" });
    await store.remove(blobId(1), hashOf("write"));
    expect(store.stats()).toEqual({ blobs: 1, bytes: 400 });
  });

  test("what expired is not given out any more, and goes; so does what was never finished, after a day", async () => {
    const store = await open();
    await store.announce(announcement(1, 1, NOW + 10));
    await store.write(part(1, 0, bodyOf(1, 1)));
    await store.announce(announcement(2, 1));
    await store.announce(announcement(3, 1));
    await store.write(part(3, 0, bodyOf(3, 1)));
    expect(await store.open(blobId(1), NOW + 10)).toEqual({ type: "unknown" });
    expect(await store.expire(NOW + 10, 10)).toBe(1);
    expect(await store.expire(NOW + ORPHAN_MS - 1, 10)).toBe(0);
    expect(await store.expire(NOW + ORPHAN_MS, 10)).toBe(1);
    expect(store.stats()).toEqual({ blobs: 1, bytes: 1 });
    expect(await readAll(store, 3)).toEqual(bodyOf(3, 1));
  });
});

test("files: parts and blobs are there after opening again, and names give no id away", async () => {
  const folder = join(await temporaryFolder(), "blobs");
  const before = await FileBlobStore.open(folder, LIMITS, 0);
  await before.announce(announcement(1, 4));
  await before.write(part(1, 0, bodyOf(1, 4)));
  await before.announce(announcement(2, 4));
  await before.write(part(2, 0, bodyOf(2, 3)));
  const after = await FileBlobStore.open(folder, LIMITS, 0);
  expect(await readAll(after, 1)).toEqual(bodyOf(1, 4));
  expect(await after.status(blobId(2), NOW)).toEqual({ type: "status", offset: 3, size: 4 });
  expect(after.stats()).toEqual({ blobs: 2, bytes: 8 });
  const names = (await readdir(folder, { recursive: true })).join(" ");
  expect(names).not.toContain(Buffer.from(blobId(1)).toString("hex"));
});

test("files: what a crash left behind without a head is removed, and offsets never pass what was synced", async () => {
  const folder = join(await temporaryFolder(), "blobs");
  const before = await FileBlobStore.open(folder, LIMITS, 0);
  await before.announce(announcement(1, 8));
  await before.write(part(1, 0, bodyOf(1, 4)));
  const [name] = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".part"));
  // Bytes that reached the file after the last sync are written over.
  await truncate(join(folder, name ?? ""), 128 + 6);
  const torn = "00".repeat(32);
  await writeFile(join(folder, (name ?? "").slice(0, 2), `${torn}.part`), "x");
  const after = await FileBlobStore.open(folder, LIMITS, 0);
  expect(await after.status(blobId(1), NOW)).toMatchObject({ offset: 4 });
  await after.write(part(1, 4, bodyOf(2, 4)));
  expect(await readAll(after, 1)).toEqual(Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2));
  expect((await readdir(folder, { recursive: true })).join(" ")).not.toContain(torn);
});
