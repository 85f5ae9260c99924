const KEY = /^[A-Za-z0-9_-]{43}$/;
const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** 32 bytes as base64url without padding, in the one spelling an encoder would write. Else undefined. */
export function parseKey(text: string | null): Uint8Array | undefined {
  if (text === null || !KEY.test(text)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? new Uint8Array(bytes) : undefined;
}

/** A count in its shortest decimal form, at most 2^53 - 1. A header that came twice is joined by a comma, and so refused. */
export function parseDecimal(text: string | null): number | undefined {
  if (text === null || !DECIMAL.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
