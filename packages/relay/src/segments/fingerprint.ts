/** Bytes of the key of {@link Fingerprints}. */
export const FINGERPRINT_KEY_BYTES = 8;

/**
 * Short names of entry ids, so that memory need not hold the ids: HalfSipHash-1-3, keyed, because whoever could choose
 * ids that meet would make every append compare them all. Two ids may still meet: a hit must be compared on the disk.
 */
export class Fingerprints {
  readonly #k0: number;
  readonly #k1: number;

  /** @param key - {@link FINGERPRINT_KEY_BYTES} random bytes that outside nobody knows. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, FINGERPRINT_KEY_BYTES);
    this.#k0 = view.getUint32(0, true);
    this.#k1 = view.getUint32(4, true);
  }

  /** @returns an unsigned number of 32 bits for these 16 bytes. */
  of(id: Uint8Array): number {
    let v0 = this.#k0;
    let v1 = this.#k1;
    let v2 = 0x6c79_6765 ^ this.#k0;
    let v3 = 0x7465_6462 ^ this.#k1;
    // Four words of the id, one that says its length, and then the three rounds that finish.
    for (let at = 0; at <= 28; at += 4) {
      const word = at < 16 ? wordAt(id, at) : at === 16 ? 0x1000_0000 : 0;
      if (at === 20) v2 ^= 0xff;
      v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = (v1 << 5) | (v1 >>> 27);
      v1 ^= v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = (v3 << 8) | (v3 >>> 24);
      v3 ^= v2;
      v0 = (v0 + v3) | 0;
      v3 = (v3 << 7) | (v3 >>> 25);
      v3 ^= v0;
      v2 = (v2 + v1) | 0;
      v1 = (v1 << 13) | (v1 >>> 19);
      v1 ^= v2;
      v2 = (v2 << 16) | (v2 >>> 16);
      v0 ^= word;
    }
    return (v1 ^ v3) >>> 0;
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
