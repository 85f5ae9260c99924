import { concat } from "./concat.ts";
import { deriveKey } from "./derive.ts";
import { sha256 } from "./hash.ts";
import { requireLength } from "./lengths.ts";

/** Tag, pad and material of a guard's entry, and what it releases. */
export const GUARD_SECRET_BYTES = 32;
const NO_CONTEXT = new Uint8Array(0);

/**
 * What an entry knows a tag by: SHA-256 of tag and pad. Without the pad, nobody can tell any more which tag it was.
 *
 * Source: PROTOCOL.md, "Guards".
 */
export function guardTagHash(tag: Uint8Array, pad: Uint8Array): Uint8Array {
  requireLength(tag, GUARD_SECRET_BYTES, "tag");
  requireLength(pad, GUARD_SECRET_BYTES, "pad");
  return sha256(concat(tag, pad));
}

/** What an entry releases against its tag: 32 bytes, gone for good once the pad is overwritten. */
export function guardEntrySecret(material: Uint8Array, pad: Uint8Array): Uint8Array {
  requireLength(material, GUARD_SECRET_BYTES, "material");
  requireLength(pad, GUARD_SECRET_BYTES, "pad");
  return deriveKey(concat(material, pad), "guard entry", NO_CONTEXT, GUARD_SECRET_BYTES);
}
