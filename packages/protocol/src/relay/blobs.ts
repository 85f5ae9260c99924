import { bytes, struct, structure, uint32, uint53, versioned, type ValueOf } from "../codec/codec.ts";
import { tokenHash } from "./identifiers.ts";
import { MAX_ADMISSION_BYTES } from "./limits.ts";

/**
 * Body of `POST /v1/blobs/{id}`: announces a blob of `size` bytes. `{id}` is the {@link BlobId} as base64url without padding.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   uint64 size;
 *   uint32 ttl_seconds;
 *   opaque write_hash[32];
 *   opaque admission<V>;
 * } BlobAnnouncement;
 * ```
 *
 * Then `PATCH` with headers `stonechat-write: base64url(token)` and `stonechat-offset: N` appends one part;
 * `HEAD` answers `stonechat-offset` and `stonechat-size`; `GET` (with `Range`) reads a complete blob; `DELETE` removes it.
 */
export const blobAnnouncement = structure(
  "BlobAnnouncement",
  256,
  versioned(
    1,
    struct({
      size: uint53,
      ttlSeconds: uint32,
      writeHash: tokenHash,
      admission: bytes(MAX_ADMISSION_BYTES),
    }),
  ),
);
export type BlobAnnouncement = ValueOf<typeof blobAnnouncement.codec>;
export const BLOB_WRITE_HEADER = "stonechat-write";
export const BLOB_OFFSET_HEADER = "stonechat-offset";
export const BLOB_SIZE_HEADER = "stonechat-size";
