import { wrapped } from "./sodium/sodium.ts";

/** Compares secrets in time that depends on their length only. Different lengths are different. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && wrapped().memcmp(a, b);
}

/** Overwrites a secret that the caller owns. Best effort: the engine may have made copies. */
export function wipe(bytes: Uint8Array): void {
  bytes.fill(0);
}
