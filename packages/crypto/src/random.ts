import { wrapped } from "./sodium/sodium.ts";

/** Where randomness comes from. A port, so that a simulated run can be repeated exactly. */
export interface Random {
  /** `length` bytes that nobody can foresee. */
  bytes(length: number): Uint8Array;
}

/** The one thing of the platform's own cryptography that is used: libsodium has no source of randomness but this. */
declare const crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): void };

/** The most that one call of the platform gives. */
const MAX_CALL_BYTES = 65_536;

/**
 * The operating system's generator. Asked directly, since libsodium asks it for four bytes at a time, which takes
 * twenty times as long.
 *
 * @throws InvariantError before {@link initCrypto} is done, as everything here does.
 */
export function systemRandom(): Random {
  wrapped();
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let offset = 0; offset < length; offset += MAX_CALL_BYTES) {
        crypto.getRandomValues(out.subarray(offset, offset + MAX_CALL_BYTES));
      }
      return out;
    },
  };
}
