import type { BlobId, Token, TokenHash } from "@stonechat/protocol";

/** The relay could not be reached, or did not answer as PROTOCOL.md says. What was asked may have happened. */
export type Unavailable = { readonly type: "unavailable" };
/** No such blob, expired, or the wrong token: the relay does not tell which. */
export type UnknownBlob = { readonly type: "unknown" };

/** A blob to come. */
export type BlobAnnouncing = {
  readonly size: number;
  readonly ttlSeconds: number;
  readonly writeHash: TokenHash;
  /** An admission code's bytes, or empty. */
  readonly admission: Uint8Array;
};

export type AnnounceOutcome =
  { readonly type: "announced" | "exists" | "full" | "too-large" | "not-admitted" } | Unavailable;
export type WriteOutcome =
  | { readonly type: "written" | "wrong-offset"; readonly offset: number }
  | { readonly type: "too-large" | "full" | "busy" }
  | UnknownBlob
  | Unavailable;
export type StatusOutcome =
  { readonly type: "status"; readonly offset: number; readonly size: number } | UnknownBlob | Unavailable;
export type ReadOutcome =
  { readonly type: "part"; readonly bytes: Uint8Array; readonly size: number } | UnknownBlob | Unavailable;

/** A relay's blobs (PROTOCOL.md, "Blobs"). Nothing here throws for what a network or a relay may do. */
export interface BlobTransport {
  announce(relayUrl: string, blobId: BlobId, blob: BlobAnnouncing): Promise<AnnounceOutcome>;
  /** Appends at most `MAX_BLOB_PART_BYTES` at `offset`, which must be where the blob stands. */
  write(relayUrl: string, blobId: BlobId, writeToken: Token, offset: number, bytes: Uint8Array): Promise<WriteOutcome>;
  /** How much of the blob the relay has. */
  status(relayUrl: string, blobId: BlobId): Promise<StatusOutcome>;
  /** Up to `length` bytes of a complete blob from `offset`, and the whole blob's size. */
  read(relayUrl: string, blobId: BlobId, offset: number, length: number): Promise<ReadOutcome>;
  remove(
    relayUrl: string,
    blobId: BlobId,
    writeToken: Token,
  ): Promise<{ readonly type: "removed" } | UnknownBlob | Unavailable>;
}
