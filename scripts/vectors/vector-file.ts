import { isDeepStrictEqual } from "node:util";
import { WireError, type Structure, type WireErrorCode } from "@stonechat/protocol";

/** A value as JSON shows it: bytes are hexadecimal, `uint64` is a decimal string, an absent optional field is null. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** Bytes that decode to a value and are what that value encodes to. */
export interface AcceptedVector {
  readonly structure: string;
  readonly title: string;
  readonly value: JsonValue;
  readonly bytes: string;
}

/** Bytes that a decoder must refuse, and the code with which ours does. */
export interface RefusedVector {
  readonly structure: string;
  readonly title: string;
  readonly bytes: string;
  readonly code: WireErrorCode;
}

/** One file of vectors for structures on the wire. */
export interface StructureVectors {
  readonly note: string;
  readonly accepted: readonly AcceptedVector[];
  readonly refused: readonly RefusedVector[];
}

/** A vector of a value that our encoder writes. @throws RangeError if it does not come back. */
export function accepted<T>(structure: Structure<T>, title: string, value: T): AcceptedVector {
  const bytes = structure.encode(value);
  const decoded = toJson(structure.decode(bytes));
  if (!isDeepStrictEqual(decoded, toJson(value))) throw new RangeError(`${title} does not come back`);
  return { structure: structure.name, title, value: decoded, bytes: toHex(bytes) };
}

/** A vector of bytes that our decoder refuses. @throws RangeError if it takes them. */
export function refused<T>(structure: Structure<T>, title: string, bytes: Uint8Array): RefusedVector {
  try {
    structure.decode(bytes);
  } catch (error) {
    if (error instanceof WireError) return { structure: structure.name, title, bytes: toHex(bytes), code: error.code };
    throw error;
  }
  throw new RangeError(`${title} was accepted`);
}

/** `length` bytes that begin with `first` and count up, so that fields can be told apart in a dump. */
export function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "hex"));
}

/** @throws RangeError on what no structure of ours holds. */
export function toJson(value: unknown): JsonValue {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toJson(field)]));
  }
  throw new RangeError("no structure holds this");
}
