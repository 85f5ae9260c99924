/**
 * What a column holds. SQL's NULL is `undefined`. Integers are whole numbers; reading one beyond ±(2^53 - 1) throws
 * RangeError, so keep 64-bit values as 8-byte blobs. Blobs are copies that belong to the caller.
 */
export type SqlValue = number | string | Uint8Array | undefined;

/** What a `?` takes: a {@link SqlValue}, or a bigint that fits 64 bits signed. NaN and the infinities are refused. */
export type SqlParameter = SqlValue | bigint;

/** A row by column names. A NULL column is present, as `undefined`. */
export type SqlRow = Readonly<Record<string, SqlValue>>;
