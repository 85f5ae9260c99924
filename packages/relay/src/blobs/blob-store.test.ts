import { readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  announcement,
  BLOB_LIMITS,
  blobId,
  describeBlobStore,
  NOW,
  part,
  readAll,
} from "../testing/blob-store-contract.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { bodyOf } from "../testing/service-fixture.ts";
import { FileBlobStore } from "./file-blob-store.ts";
import { MemoryBlobStore } from "./memory-blob-store.ts";

describeBlobStore("memory", () => Promise.resolve(new MemoryBlobStore(BLOB_LIMITS)));
describeBlobStore("files", async () => FileBlobStore.open(join(await temporaryFolder(), "blobs"), BLOB_LIMITS, 0));

test("files: parts and blobs are there after opening again, and names give no id away", async () => {
  const folder = join(await temporaryFolder(), "blobs");
  const before = await FileBlobStore.open(folder, BLOB_LIMITS, 0);
  await before.announce(announcement(1, 4));
  await before.write(part(1, 0, bodyOf(1, 4)));
  await before.announce(announcement(2, 4));
  await before.write(part(2, 0, bodyOf(2, 3)));
  const after = await FileBlobStore.open(folder, BLOB_LIMITS, 0);
  expect(await readAll(after, 1)).toEqual(bodyOf(1, 4));
  expect(await after.status(blobId(2), NOW)).toEqual({ type: "status", offset: 3, size: 4 });
  expect(after.stats()).toEqual({ blobs: 2, bytes: 8 });
  const names = (await readdir(folder, { recursive: true })).join(" ");
  expect(names).not.toContain(Buffer.from(blobId(1)).toString("hex"));
});

test("files: what a crash left behind without a head is removed, and offsets never pass what was synced", async () => {
  const folder = join(await temporaryFolder(), "blobs");
  const before = await FileBlobStore.open(folder, BLOB_LIMITS, 0);
  await before.announce(announcement(1, 8));
  await before.write(part(1, 0, bodyOf(1, 4)));
  const [name] = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith(".part"));
  // Bytes that reached the file after the last sync are written over.
  await truncate(join(folder, name ?? ""), 128 + 6);
  const torn = "00".repeat(32);
  await writeFile(join(folder, (name ?? "").slice(0, 2), `${torn}.part`), "x");
  const after = await FileBlobStore.open(folder, BLOB_LIMITS, 0);
  expect(await after.status(blobId(1), NOW)).toMatchObject({ offset: 4 });
  await after.write(part(1, 4, bodyOf(2, 4)));
  expect(await readAll(after, 1)).toEqual(Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2));
  expect((await readdir(folder, { recursive: true })).join(" ")).not.toContain(torn);
});
