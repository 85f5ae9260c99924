import type { Structure } from "../codec/codec.ts";
import { Reader } from "../codec/reader.ts";

/** Encodes a value and fills up with zero bytes to the most that the structure may have: so all are of one size. */
export function encodeFixedSize<T>(structure: Structure<T>, value: T): Uint8Array {
  const padded = new Uint8Array(structure.maxBytes);
  padded.set(structure.encode(value));
  return padded;
}

/** @throws WireError on anything that {@link encodeFixedSize} would not write. */
export function decodeFixedSize<T>(structure: Structure<T>, bytes: Uint8Array): T {
  const reader = new Reader(bytes, structure.name);
  if (bytes.length !== structure.maxBytes)
    throw reader.error(bytes.length > structure.maxBytes ? "too-long" : "truncated");
  const value = structure.codec.read(reader);
  if (reader.rest().some((byte) => byte !== 0)) throw reader.error("trailing-bytes");
  return value;
}
