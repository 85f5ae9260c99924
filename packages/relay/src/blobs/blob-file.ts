import { tokenHash, uint53, struct, structure, versioned, type TokenHash } from "@stonechat/protocol";

/** Where the content begins: behind the header, with room for later fields. */
export const BLOB_HEADER_BYTES = 128;

/**
 * Begins each blob's file; the content follows at {@link BLOB_HEADER_BYTES}. `offset` is written after the sync of the
 * content it counts, so that it never promises bytes that a power cut may have taken.
 *
 * ```text
 * struct {
 *   uint8  version = 1;
 *   uint64 size, offset, expires_at, announced_at;
 *   opaque write_hash[32];
 * } BlobHeader;
 * ```
 */
export interface BlobHeader {
  readonly size: number;
  readonly offset: number;
  readonly expiresAt: number;
  readonly announcedAt: number;
  readonly writeHash: TokenHash;
}

export const blobHeader = structure<BlobHeader>(
  "BlobHeader",
  BLOB_HEADER_BYTES,
  versioned(
    1,
    struct({
      size: uint53,
      offset: uint53,
      expiresAt: uint53,
      announcedAt: uint53,
      writeHash: tokenHash,
    }),
  ),
);

/** Bytes that {@link blobHeader} takes. */
export const ENCODED_HEADER_BYTES = 1 + 4 * 8 + 32;
