import { hkdfExpand, hmacSha512 } from "./hkdf.ts";
import { labelled, type FramedLabel } from "./labels.ts";

/**
 * A key for one use from a uniformly random secret: HKDF-Expand (RFC 5869 §2.3) with {@link labelled} as info.
 *
 * @param secret - At least 32 random bytes; not a password.
 * @param context - What else sets this key apart, for instance an identifier. May be empty.
 */
export function deriveKey(secret: Uint8Array, label: FramedLabel, context: Uint8Array, length: number): Uint8Array {
  return hkdfExpand(secret, labelled(label, context), length);
}

/** HMAC-SHA-512 under a label: 64 bytes that only a holder of `key` can make. Compare with `equalSecrets`. */
export function labelledMac(key: Uint8Array, label: FramedLabel, content: Uint8Array): Uint8Array {
  return hmacSha512(key, labelled(label, content));
}
