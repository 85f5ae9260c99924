import type { BlobId, TokenHash } from "@stonechat/protocol";
import type { StorageFull, Unknown } from "../logs/log-store.ts";

/** A blob to come: `size` bytes, written by the holder of the token behind `writeHash`. */
export interface NewBlob {
  readonly blobId: BlobId;
  readonly size: number;
  readonly writeHash: TokenHash;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly now: number;
}

export type AnnounceOutcome =
  { readonly type: "announced" } | { readonly type: "exists" } | { readonly type: "full" } | StorageFull;

/** One part. `offset` must be where the blob stands. */
export interface BlobPart {
  readonly blobId: BlobId;
  readonly writeHash: TokenHash;
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly now: number;
}

export type WriteOutcome =
  | { readonly type: "written"; readonly offset: number; readonly complete: boolean }
  | { readonly type: "wrong-offset"; readonly offset: number }
  | { readonly type: "too-large" }
  | { readonly type: "busy" }
  | StorageFull
  | Unknown;

/** How much of a blob is there. */
export type BlobStatusOutcome = { readonly type: "status"; readonly offset: number; readonly size: number } | Unknown;

/** A complete blob, open for reading. The caller must close it. */
export interface OpenBlob {
  readonly type: "open";
  readonly size: number;
  /** Up to `length` bytes from `offset`; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export interface BlobStats {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Keeps blobs. The last part is acknowledged when the whole blob is durable; parts before it are only as safe as the
 * operating system's buffers, and `status` tells a client where to go on.
 */
export interface BlobStore {
  announce(blob: NewBlob): Promise<AnnounceOutcome>;
  write(part: BlobPart): Promise<WriteOutcome>;
  status(blobId: BlobId, now: number): Promise<BlobStatusOutcome>;
  /** Only complete blobs. */
  open(blobId: BlobId, now: number): Promise<OpenBlob | Unknown>;
  remove(blobId: BlobId, writeHash: TokenHash): Promise<{ readonly type: "removed" } | Unknown>;
  /** Removes what expired, and what was announced over {@link ORPHAN_MS} ago and never finished. @returns how many. */
  expire(now: number, max: number): Promise<number>;
  stats(): BlobStats;
  /** From now on these hold; what is there stays. Absent where limits are fixed at the start. */
  setLimits?(limits: BlobLimits, reserveBytes: number): void;
}

/** How long an unfinished blob is kept: 24 h. */
export const ORPHAN_MS = 24 * 3600 * 1000;

export interface BlobLimits {
  /** All blobs together, by announced size, in bytes. */
  readonly totalBytes: number;
}
