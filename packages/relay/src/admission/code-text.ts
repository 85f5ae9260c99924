import { sha256, systemRandom } from "@stonechat/crypto/issuer";

const CODE_BYTES = 16;
const GROUP_CHARS = 4;
/** Crockford's base32: no I, L, O or U, so that a code survives being read aloud. */
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** How often and how long a code admits. A use is one log, pool or blob made. */
export interface CodeTerms {
  readonly uses: number;
  readonly days: number;
}

/** @throws RangeError unless both are counts from 1. */
export function requireTerms({ uses, days }: CodeTerms): void {
  if (!(Number.isSafeInteger(uses) && uses > 0 && Number.isSafeInteger(days) && days > 0))
    throw new RangeError("uses and days are counts from 1");
}

/** 128 random bits in groups of base32. */
export function newCode(): string {
  return spell(systemRandom().bytes(CODE_BYTES));
}

/** The hash of a code as typed on the wire: text in any case, with or without the dashes and spaces. */
export function hashTypedCode(code: Uint8Array): Uint8Array {
  return hashCode(Buffer.from(code).toString("latin1"));
}

/** All that is kept of a code. */
export function hashCode(code: string): Uint8Array {
  const plain = code.toUpperCase().replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  return sha256(new TextEncoder().encode(plain));
}

function spell(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = "";
  for (let left = Math.ceil((bytes.length * 8) / 5); left > 0; left -= 1) {
    text = (ALPHABET[Number(bits & 31n)] ?? "") + text;
    bits >>= 5n;
  }
  return (text.match(new RegExp(`.{1,${String(GROUP_CHARS)}}`, "g")) ?? []).join("-");
}
