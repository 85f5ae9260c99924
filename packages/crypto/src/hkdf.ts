import { SHA512_BYTES } from "./hash.ts";
import { align, inHeap, type Heap } from "./sodium/heap.ts";
import type { Pointer } from "./sodium/raw-sodium.ts";
import { rawSodium } from "./sodium/sodium.ts";

const MAX_BLOCKS = 255;

/** HMAC-SHA-512 (RFC 2104, RFC 6234 §8.3) with a key of any length: 64 bytes. */
export function hmacSha512(key: Uint8Array, message: Uint8Array): Uint8Array {
  const stateBytes = hmacStateBytes();
  return inHeap(align(key.length) + align(message.length) + align(stateBytes) + SHA512_BYTES, (heap) => {
    const state = heap.space(stateBytes);
    const out = heap.space(SHA512_BYTES);
    heap.sodium._crypto_auth_hmacsha512_init(state, heap.put(key), key.length);
    heap.sodium._crypto_auth_hmacsha512_update(state, heap.put(message), message.length, 0);
    heap.sodium._crypto_auth_hmacsha512_final(state, out);
    return heap.take(out, SHA512_BYTES);
  });
}

/** HKDF-Extract with SHA-512 (RFC 5869 §2.2): 64 bytes. An empty salt stands for 64 zero bytes. */
export function hkdfExtract(salt: Uint8Array, inputKeyMaterial: Uint8Array): Uint8Array {
  return hmacSha512(salt, inputKeyMaterial);
}

/** HKDF-Expand with SHA-512 (RFC 5869 §2.3). @throws RangeError if `length` is above 255 · 64. */
export function hkdfExpand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const blocks = Math.ceil(length / SHA512_BYTES);
  if (!Number.isInteger(length) || length < 0 || blocks > MAX_BLOCKS) throw new RangeError("HKDF length out of range");
  const stateBytes = hmacStateBytes();
  const region = align(pseudorandomKey.length) + align(info.length + 1) + align(stateBytes) + blocks * SHA512_BYTES;
  return inHeap(region, (heap) => {
    const key = heap.put(pseudorandomKey);
    const state = heap.space(stateBytes);
    const output = heap.space(blocks * SHA512_BYTES);
    const infoAndCounter = heap.space(info.length + 1);
    heap.sodium.HEAPU8.set(info, infoAndCounter);
    for (let block = 0; block < blocks; block += 1) {
      heap.setByte(infoAndCounter + info.length, block + 1);
      const previous = output + (block - 1) * SHA512_BYTES;
      expandBlock(
        heap,
        { state, key, keyLength: pseudorandomKey.length },
        block === 0 ? undefined : previous,
        infoAndCounter,
        info.length + 1,
        output + block * SHA512_BYTES,
      );
    }
    return heap.take(output, length);
  });
}

interface HmacMemory {
  readonly state: Pointer;
  readonly key: Pointer;
  readonly keyLength: number;
}

/** T(n) = HMAC(key, T(n-1) ‖ info ‖ n), where T(0) is empty. */
function expandBlock(
  { sodium }: Heap,
  hmac: HmacMemory,
  previous: Pointer | undefined,
  suffix: Pointer,
  suffixLength: number,
  out: Pointer,
): void {
  sodium._crypto_auth_hmacsha512_init(hmac.state, hmac.key, hmac.keyLength);
  if (previous !== undefined) sodium._crypto_auth_hmacsha512_update(hmac.state, previous, SHA512_BYTES, 0);
  sodium._crypto_auth_hmacsha512_update(hmac.state, suffix, suffixLength, 0);
  sodium._crypto_auth_hmacsha512_final(hmac.state, out);
}

let knownStateBytes = 0;
function hmacStateBytes(): number {
  if (knownStateBytes === 0) knownStateBytes = rawSodium()._crypto_auth_hmacsha512_statebytes();
  return knownStateBytes;
}
