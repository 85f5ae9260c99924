import { initCrypto } from "@stonechat/crypto/issuer";
import type { BlobId } from "@stonechat/protocol";
import { describe, expect, test } from "vitest";
import { ORPHAN_MS, type BlobLimits, type BlobStore } from "../blobs/blob-store.ts";
import { bodyOf, hashOf } from "./service-fixture.ts";

await initCrypto();

/** What stores under the contract are opened with. */
export const BLOB_LIMITS: BlobLimits = { totalBytes: 1000 };
/** When all of the contract happens. */
export const NOW = 1_800_000_000_000;
/** The same for the same number. */
export const blobId = (n: number): BlobId => new Uint8Array(32).fill(n) as BlobId;
/** A blob that `hashOf("write")` may write. */
export const announcement = (n: number, size: number, expiresAt = NOW + 2 * ORPHAN_MS) => ({
  blobId: blobId(n),
  size,
  writeHash: hashOf("write"),
  expiresAt,
  now: NOW,
});
/** Bytes of it. */
export const part = (n: number, offset: number, bytes: Uint8Array) => ({
  blobId: blobId(n),
  writeHash: hashOf("write"),
  offset,
  bytes,
  now: NOW,
});

/** All of a complete blob. */
export async function readAll(store: BlobStore, n: number): Promise<Uint8Array | undefined> {
  const blob = await store.open(blobId(n), NOW);
  if (blob.type === "unknown") return undefined;
  const bytes = await blob.read(0, blob.size);
  await blob.close();
  return bytes;
}

/** What every {@link BlobStore} must do. `open` gives an empty one, which ends with the test. */
export function describeBlobStore(name: string, open: () => Promise<BlobStore>): void {
  describe(`${name}: blob store`, () => {
    describeBlobs(open);
  });
}

function describeBlobs(open: () => Promise<BlobStore>): void {
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
}
