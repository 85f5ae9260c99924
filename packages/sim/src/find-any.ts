const PREFIX_BYTES = 4;

/**
 * The index of the first of `needles`, by their order in `haystack`, that is in it; -1 if none is. Goes through
 * `haystack` once, however many needles there are. Each must be at least 4 bytes long.
 */
export function findAny(haystack: Uint8Array, needles: readonly Uint8Array[]): number {
  const pairs = new Uint8Array(0x1_0000);
  const byPrefix = new Map<number, number[]>();
  for (const [index, needle] of needles.entries()) {
    if (needle.length < PREFIX_BYTES) throw new RangeError("too short to be looked for");
    pairs[pairAt(needle, 0)] = 1;
    const prefix = prefixAt(needle, 0);
    const others = byPrefix.get(prefix);
    if (others === undefined) byPrefix.set(prefix, [index]);
    else others.push(index);
  }
  for (let at = 0; at + PREFIX_BYTES <= haystack.length; at += 1) {
    if (pairs[pairAt(haystack, at)] === 0) continue;
    for (const index of byPrefix.get(prefixAt(haystack, at)) ?? [])
      if (isAt(haystack, at, needles[index] ?? new Uint8Array(0))) return index;
  }
  return -1;
}

function pairAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function prefixAt(bytes: Uint8Array, at: number): number {
  return ((pairAt(bytes, at) << 16) | pairAt(bytes, at + 2)) >>> 0;
}

function isAt(haystack: Uint8Array, at: number, needle: Uint8Array): boolean {
  if (at + needle.length > haystack.length) return false;
  return needle.every((byte, i) => haystack[at + i] === byte);
}
