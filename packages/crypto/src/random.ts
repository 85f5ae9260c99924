import { wrapped } from "./sodium/sodium.ts";

/** Where randomness comes from. A port, so that a simulated run can be repeated exactly. */
export interface Random {
  /** `length` bytes that nobody can foresee. */
  bytes(length: number): Uint8Array;
}

/** The operating system's generator. @throws InvariantError before {@link initCrypto} is done. */
export function systemRandom(): Random {
  const sodium = wrapped();
  return { bytes: (length) => sodium.randombytes_buf(length) };
}
