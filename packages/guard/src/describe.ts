import { initCrypto, sha256 } from "@stonechat/crypto/guard";
import { toBase64Url, toHex } from "@stonechat/protocol";
import { loadKey } from "./key-file.ts";

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

/** Describes the guard that keeps its key in this folder; it may be running. @throws KeyFileError. */
export async function describeGuard(
  folder: string,
  words: Omit<GuardListing, "publicKey">,
): Promise<{ readonly listing: GuardListing; readonly fingerprint: string }> {
  await initCrypto();
  const { publicKey } = loadKey(folder);
  const { name, operator, url } = words;
  const listing = { name, operator, url, publicKey: toBase64Url(publicKey) };
  return { listing, fingerprint: guardFingerprint(publicKey) };
}
