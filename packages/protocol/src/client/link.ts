import { WireError } from "../codec/wire-error.ts";
import { invite, INVITE_MARK, type Invite } from "./invite.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));

/** base64url without padding (RFC 4648 §5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const chunk = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const letters = Math.min(4, bytes.length - at + 1);
    for (let i = 0; i < letters; i += 1) text += ALPHABET.charAt((chunk >> (18 - 6 * i)) & 63);
  }
  return text;
}

/** @throws WireError `bad-text` on anything that {@link toBase64Url} would not write. */
export function parseBase64Url(text: string): Uint8Array {
  if (text.length % 4 === 1) throw new WireError("bad-text", "base64url", text.length);
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let buffer = 0;
  let length = 0;
  for (let i = 0; i < text.length; i += 1) {
    const value = VALUES.get(text.charAt(i));
    if (value === undefined) throw new WireError("bad-text", "base64url", i);
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[length] = (buffer >> bits) & 0xff;
    length += 1;
  }
  if ((buffer & ((1 << bits) - 1)) !== 0) throw new WireError("bad-value", "base64url", text.length);
  return bytes;
}

/** `https://RELAY/#i/…`. The fragment never reaches a server. */
export function toInviteLink(value: Invite): string {
  return `${value.relayUrl}/#${INVITE_MARK}${toBase64Url(invite.encode(value))}`;
}

/**
 * Reads an invite link, or only its fragment.
 *
 * @throws WireError if it is none, is damaged, or if the address before the fragment is not that of the relay it names:
 * who follows a link and who reads it must not be led to different places.
 */
export function parseInviteLink(link: string): Invite {
  const trimmed = link.trim();
  if (trimmed.length > 2048) throw new WireError("too-long", "InviteLink", 2048);
  const hash = trimmed.indexOf("#");
  const before = hash < 0 ? "" : trimmed.slice(0, hash);
  const fragment = trimmed.slice(hash + 1);
  if (!fragment.startsWith(INVITE_MARK)) throw new WireError("unknown-type", "InviteLink", hash + 1);
  const value = invite.decode(parseBase64Url(fragment.slice(INVITE_MARK.length)));
  if (parseRelayUrl(value.relayUrl) !== value.relayUrl) throw new WireError("bad-value", "InviteLink", hash + 1);
  if (before !== "" && before !== `${value.relayUrl}/`) throw new WireError("bad-value", "InviteLink", 0);
  return value;
}

/**
 * The one spelling of a relay's address: scheme, host and port. Plain `http` only for this machine's own addresses and
 * `.onion` services, which carry their own protection.
 *
 * @throws WireError `bad-value` on anything else.
 */
export function parseRelayUrl(text: string): string {
  const refused = new WireError("bad-value", "RelayUrl", 0);
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new WireError("bad-value", "RelayUrl", 0, { cause });
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "" || url.pathname !== "/")
    throw refused;
  const plain =
    url.hostname === "localhost" ||
    url.hostname === "127.0.0.1" ||
    url.hostname === "[::1]" ||
    url.hostname.endsWith(".onion");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && plain)) throw refused;
  return url.origin;
}
