import { sha256 } from "@stonechat/crypto/guard";
import { toBase64Url, toHex } from "@stonechat/protocol";

const FINGERPRINT_DIGITS = 16;

/** A guard's entry in the list that a relay is given. */
export interface GuardListing {
  readonly name: string;
  readonly operator: string;
  readonly url: string;
  /** base64url. */
  readonly publicKey: string;
}

/** By what people compare a guard's key: the first 16 hex digits of its SHA-256. */
export function guardFingerprint(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey)).slice(0, FINGERPRINT_DIGITS);
}

export function toListing(
  { name, operator, url }: Omit<GuardListing, "publicKey">,
  publicKey: Uint8Array,
): GuardListing {
  return { name, operator, url, publicKey: toBase64Url(publicKey) };
}
