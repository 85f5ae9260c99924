import { equalSecrets } from "@stonechat/crypto/issuer";
import type { BlobId, TokenHash } from "@stonechat/protocol";
import type { Unknown } from "../logs/log-store.ts";
import { mapKey } from "../map-key.ts";
import {
  ORPHAN_MS,
  type AnnounceOutcome,
  type BlobLimits,
  type BlobPart,
  type BlobStats,
  type BlobStatusOutcome,
  type BlobStore,
  type NewBlob,
  type OpenBlob,
  type WriteOutcome,
} from "./blob-store.ts";

interface Blob {
  readonly writeHash: TokenHash;
  readonly expiresAt: number;
  readonly announcedAt: number;
  readonly bytes: Uint8Array;
  offset: number;
}

/** Blobs in memory, for tests and the simulator. */
export class MemoryBlobStore implements BlobStore {
  readonly #limits: BlobLimits;
  readonly #blobs = new Map<string, Blob>();

  constructor(limits: BlobLimits) {
    this.#limits = limits;
  }

  announce({ blobId, size, writeHash, expiresAt, now }: NewBlob): Promise<AnnounceOutcome> {
    if (this.#blobs.has(mapKey(blobId))) return Promise.resolve({ type: "exists" });
    if (this.stats().bytes + size > this.#limits.totalBytes) return Promise.resolve({ type: "full" });
    this.#blobs.set(mapKey(blobId), { writeHash, expiresAt, announcedAt: now, bytes: new Uint8Array(size), offset: 0 });
    return Promise.resolve({ type: "announced" });
  }

  write({ blobId, writeHash, offset, bytes, now }: BlobPart): Promise<WriteOutcome> {
    const blob = this.#alive(blobId, now);
    if (blob === undefined || !equalSecrets(blob.writeHash, writeHash)) return Promise.resolve({ type: "unknown" });
    if (offset !== blob.offset) return Promise.resolve({ type: "wrong-offset", offset: blob.offset });
    if (offset + bytes.length > blob.bytes.length) return Promise.resolve({ type: "too-large" });
    blob.bytes.set(bytes, offset);
    blob.offset += bytes.length;
    return Promise.resolve({ type: "written", offset: blob.offset, complete: blob.offset === blob.bytes.length });
  }

  status(blobId: BlobId, now: number): Promise<BlobStatusOutcome> {
    const blob = this.#alive(blobId, now);
    if (blob === undefined) return Promise.resolve({ type: "unknown" });
    return Promise.resolve({ type: "status", offset: blob.offset, size: blob.bytes.length });
  }

  open(blobId: BlobId, now: number): Promise<OpenBlob | Unknown> {
    const blob = this.#alive(blobId, now);
    if (blob === undefined || blob.offset !== blob.bytes.length) return Promise.resolve({ type: "unknown" });
    return Promise.resolve({
      type: "open",
      size: blob.bytes.length,
      read: (offset, length) => Promise.resolve(blob.bytes.slice(offset, offset + length)),
      close: () => Promise.resolve(),
    });
  }

  remove(blobId: BlobId, writeHash: TokenHash): Promise<{ readonly type: "removed" } | Unknown> {
    const blob = this.#blobs.get(mapKey(blobId));
    if (blob === undefined || !equalSecrets(blob.writeHash, writeHash)) return Promise.resolve({ type: "unknown" });
    this.#blobs.delete(mapKey(blobId));
    return Promise.resolve({ type: "removed" });
  }

  expire(now: number, max: number): Promise<number> {
    let removed = 0;
    for (const [key, blob] of this.#blobs) {
      const orphan = blob.offset < blob.bytes.length && blob.announcedAt + ORPHAN_MS <= now;
      if (removed === max || (blob.expiresAt > now && !orphan)) continue;
      this.#blobs.delete(key);
      removed += 1;
    }
    return Promise.resolve(removed);
  }

  stats(): BlobStats {
    const sizes = [...this.#blobs.values()].map(({ bytes }) => bytes.length);
    return { blobs: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  #alive(blobId: BlobId, now: number): Blob | undefined {
    const blob = this.#blobs.get(mapKey(blobId));
    return blob !== undefined && blob.expiresAt > now ? blob : undefined;
  }
}
