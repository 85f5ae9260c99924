/** Body of a message entry, after padding. */
export const MAX_MESSAGE_BYTES = 64 * 1024;
/** Body of a commit entry. */
export const MAX_COMMIT_BYTES = 1024 * 1024;
/** One frame on the socket: a commit and what surrounds it. */
export const MAX_FRAME_BYTES = MAX_COMMIT_BYTES + 4096;
/** A page of entries is cut before it grows past this many body bytes. */
export const MAX_PAGE_BYTES = 512 * 1024;
export const MAX_PAGE_ENTRIES = 500;
export const MAX_SUBSCRIBE_ITEMS = 1000;
/** Runs that a relay names in one reply. */
export const MAX_RUNS = 64;
export const MAX_KEY_PACKAGE_BYTES = 8 * 1024;
export const MAX_POOL_PUT = 100;
export const MAX_ADMISSION_BYTES = 64;
/** Bodies of messages are padded to one of 256·2^k bytes by the client. */
export const MIN_PADDED_BYTES = 256;
/** One upload request of a blob carries at most this many bytes. */
export const MAX_BLOB_PART_BYTES = 1024 * 1024;
/** The greatest blob a relay may be configured to take: 64 GiB. */
export const MAX_BLOB_BYTES = 64 * 1024 ** 3;
