/** Longest text the composer lets through, in UTF-8 bytes. The core has the last word (`too-long`). */
export const MAX_TEXT_BYTES = 16_384;
/** From here on the composer says how much room is left. */
export const WARN_TEXT_BYTES = MAX_TEXT_BYTES - 1_000;
export const MAX_NAME_LENGTH = 64;

export function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
