const WORD_BYTES = 4;
/** One word seen as bytes, so that the mask can be turned without knowing this machine's order of bytes. */
const turned = new Uint32Array(1);
const turnedBytes = new Uint8Array(turned.buffer);

/**
 * Takes the mask off a client's payload in place (RFC 6455 §5.3), whole words at a time where memory allows it. Its plain
 * twin is in the test beside this file.
 *
 * @param key - Where the four bytes of the mask stand in `bytes`.
 */
export function unmask(bytes: Uint8Array, key: number, from: number, to: number): void {
  const start = Math.min(to, from + (-(bytes.byteOffset + from) & (WORD_BYTES - 1)));
  const words = (to - start) >> 2;
  const end = start + words * WORD_BYTES;
  unmaskBytes(bytes, key, from, from, start);
  unmaskBytes(bytes, key, from, end, to);
  if (words === 0) return;
  for (let i = 0; i < WORD_BYTES; i += 1) turnedBytes[i] = bytes[key + ((start - from + i) & 3)] ?? 0;
  const mask = turned[0] ?? 0;
  const view = new Uint32Array(bytes.buffer, bytes.byteOffset + start, words);
  for (let i = 0; i < words; i += 1) view[i] = (view[i] ?? 0) ^ mask;
}

/** The bytes `start` to `end` of the payload that begins at `from`. */
function unmaskBytes(bytes: Uint8Array, key: number, from: number, start: number, end: number): void {
  for (let i = start; i < end; i += 1) bytes[i] = (bytes[i] ?? 0) ^ (bytes[key + ((i - from) & 3)] ?? 0);
}
