import type postgres from "postgres";

/**
 * How columns of a batch travel: whole numbers as one array, byte strings of one length as one long byte string that the
 * statement cuts up again. Two bytes on the wire carry one, and nothing has to be quoted.
 */
export type Parameter = string | number | Uint8Array | null;

/** For `$1::bigint[]`. */
export function numbers(values: readonly (number | undefined)[]): string {
  return `{${values.map((value) => (value === undefined ? "NULL" : String(value))).join(",")}}`;
}

/** For `$1::bytea`, to be cut with {@link cut}. */
export function joined(values: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(values);
}

/** SQL for the `n`-th of byte strings that are `length` long and were {@link joined}. `n` counts from 1. */
export function cut(parameter: string, length: number, n = "n"): string {
  return `substr(${parameter}::bytea, ((${n} - 1) * ${String(length)} + 1)::int, ${String(length)})`;
}

/** `rows` of a query, each column read by name. */
export type Row = postgres.Row;

/** @throws RangeError unless the column holds bytes: the statement is wrong. */
export function bytesOf(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new RangeError("a column without bytes");
  return new Uint8Array(value.buffer, value.byteOffset, value.length);
}

/** A `bigint` column comes as text, others as numbers. @throws RangeError for anything else, null too. */
export function numberOf(value: unknown): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw new RangeError("a column without a number");
  return number;
}
