const WINDOW_BYTES = 4096;

/** The worst chi-square of the 256 byte values over all windows of 4 KiB: about 255 for random bytes. */
export function worstWindow(bytes: Uint8Array): number {
  let worst = 0;
  for (let at = 0; at + WINDOW_BYTES <= bytes.length; at += WINDOW_BYTES) {
    worst = Math.max(worst, chiSquare(bytes.subarray(at, at + WINDOW_BYTES)));
  }
  return worst;
}

/** How far the byte values are from all being equally frequent, with 255 degrees of freedom. */
export function chiSquare(bytes: Uint8Array): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  const expected = bytes.length / 256;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
