/**
 * An entry as a row of six words: position (above the base of its table), segment (0: a hole), offset, length and kind and
 * time above 2^32, time below, fingerprint.
 */
export const ROW_WORDS = 6;
export const [SEQ, SEGMENT, AT, LENGTH, EXPIRY, FINGERPRINT] = [0, 1, 2, 3, 4, 5] as const;

/** Later times (the year 2109) are kept as this one in memory; what is read back comes from the disk. */
export const MAX_EXPIRY = 2 ** 42 - 1;
/** So many bits of a fingerprint are kept: whoever finds one compares ids anyway. */
export const FINGERPRINT_MASK = 2 ** 28 - 1;

const COMMIT_BIT = 1 << 21;
const LENGTH_MASK = COMMIT_BIT - 1;

/** Packs length, kind and the high bits of the time into a word. */
export function packLength(length: number, commit: boolean, expiresAt: number): number {
  return (length | (commit ? COMMIT_BIT : 0) | (Math.floor(expiresAt / 2 ** 32) << 22)) >>> 0;
}

export function unpackLength(word: number): number {
  return word & LENGTH_MASK;
}
export function unpackCommit(word: number): boolean {
  return (word & COMMIT_BIT) !== 0;
}
export function unpackExpiry(word: number, low: number): number {
  return (word >>> 22) * 2 ** 32 + low;
}
