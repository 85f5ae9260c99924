import { labelled, sha512 } from "@stonechat/crypto";
import { parseBase64Url, toBase64Url, toHex, WireError, type IdentityKey } from "@stonechat/protocol";
import { compareBytes } from "./device-lists.ts";

const ROUNDS = 5200;
const GROUPS = 12;
/** How a verification QR code begins; an invite never does. */
const QR_MARK = "stonechat-verify:1:";

/**
 * 60 digits over both identity keys, the same on both sides: SHA-512 iterated 5,200 times, then twelve 40-bit numbers
 * modulo 100,000. Two pairs of people have the same number by chance with probability 2^-199.
 */
export function toSafetyNumber(a: IdentityKey, b: IdentityKey): string {
  const [first, second] = compareBytes(a, b) <= 0 ? [a, b] : [b, a];
  const both = new Uint8Array([...first, ...second]);
  let hash = sha512(labelled("safety number", both));
  for (let round = 1; round < ROUNDS; round += 1) hash = sha512(hash);
  return Array.from({ length: GROUPS }, (_, i) => {
    const number = hash.slice(5 * i, 5 * i + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return (number % 100_000).toString().padStart(5, "0");
  }).join(" ");
}

/** What the QR code for verification holds: first the shower's key, then the one he believes the scanner to have. */
export function toSafetyQr(own: IdentityKey, other: IdentityKey): string {
  return QR_MARK + toBase64Url(new Uint8Array([...own, ...other]));
}

/** Compares a scanned code with what the other side must show. */
export function compareSafetyQr(
  scanned: string,
  own: IdentityKey,
  other: IdentityKey,
): "verified" | "mismatch" | "not-a-code" {
  if (!scanned.startsWith(QR_MARK)) return "not-a-code";
  try {
    const keys = parseBase64Url(scanned.slice(QR_MARK.length));
    return toHex(keys) === toHex(other) + toHex(own) ? "verified" : "mismatch";
  } catch (error) {
    if (error instanceof WireError) return "not-a-code";
    throw error;
  }
}
