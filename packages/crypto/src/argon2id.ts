import { requireLength } from "./lengths.ts";
import { wrapped } from "./sodium/sodium.ts";

export const ARGON2ID_SALT_BYTES = 16;

/** How slow and how hungry a derivation is. One lane. */
export interface Argon2idCost {
  /** Memory in KiB; at least 8. It stays claimed by the WebAssembly module after the call. */
  readonly memoryKib: number;
  readonly passes: number;
}

/**
 * Argon2id version 0x13 with one lane (RFC 9106 §3). Blocks its thread for as long as the cost says: call it in a worker.
 *
 * @param password - The caller normalises and encodes it, and wipes it afterwards.
 * @returns `length` bytes, at least 16.
 * @throws RangeError if a parameter is out of range or the memory cannot be had.
 */
export function argon2id({
  password,
  salt,
  memoryKib,
  passes,
  length,
}: Argon2idCost & {
  readonly password: Uint8Array;
  readonly salt: Uint8Array;
  readonly length: number;
}): Uint8Array {
  requireLength(salt, ARGON2ID_SALT_BYTES, "salt");
  const sodium = wrapped();
  if (!Number.isInteger(memoryKib) || memoryKib < 8 || memoryKib > MAX_MEMORY_KIB)
    throw new RangeError("memoryKib out of range");
  if (!Number.isInteger(passes) || passes < 1) throw new RangeError("passes out of range");
  if (!Number.isInteger(length) || length < sodium.crypto_pwhash_BYTES_MIN) throw new RangeError("length out of range");
  try {
    return sodium.crypto_pwhash(length, password, salt, passes, memoryKib * 1024, sodium.crypto_pwhash_ALG_ARGON2ID13);
  } catch (cause) {
    throw new RangeError("argon2id could not run", { cause });
  }
}

/** What a 32-bit WebAssembly module can be asked for. */
const MAX_MEMORY_KIB = 2 * 1024 * 1024;
