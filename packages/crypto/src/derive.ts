import { concat } from "./concat.ts";
import { hkdfExpand, hkdfExtract, hmacSha512 } from "./hkdf.ts";
import { labelled, type FramedLabel } from "./labels.ts";
import { wipe } from "./secrets.ts";

const NO_SALT = new Uint8Array(0);

/**
 * A key for one use from a random secret: HKDF (RFC 5869 §2) without salt, with this info (after RFC 9420 §8):
 *
 * ```text
 * struct {
 *   uint16   length;
 *   Labelled labelled;   // label and context
 * } KeyInfo;
 * ```
 *
 * @param secret - At least 32 bytes that nobody can guess; not a password.
 * @param context - What else sets this key apart, for instance an identifier. May be empty.
 */
export function deriveKey(secret: Uint8Array, label: FramedLabel, context: Uint8Array, length: number): Uint8Array {
  const pseudorandomKey = hkdfExtract(NO_SALT, secret);
  const info = concat(Uint8Array.of(length >> 8, length & 0xff), labelled(label, context));
  const key = hkdfExpand(pseudorandomKey, info, length);
  wipe(pseudorandomKey);
  return key;
}

/** HMAC-SHA-512 under a label: 64 bytes that only a holder of `key` can make. Compare with `equalSecrets`. */
export function labelledMac(key: Uint8Array, label: FramedLabel, content: Uint8Array): Uint8Array {
  return hmacSha512(key, labelled(label, content));
}
