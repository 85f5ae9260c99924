import * as codes from "./sqlite-codes.ts";
import type { Pointer, SqliteModule } from "./sqlite-module.ts";
import type { SqlParameter, SqlRow, SqlValue } from "./sql-value.ts";

const UTF8 = new TextEncoder();
const FROM_UTF8 = new TextDecoder();

/** A prepared statement. Between uses it is reset and holds no bound values. */
export class Statement {
  readonly #module: SqliteModule;
  readonly #pointer: Pointer;
  readonly #columns: readonly string[];
  readonly #parameters: number;

  constructor(module: SqliteModule, pointer: Pointer) {
    this.#module = module;
    this.#pointer = pointer;
    this.#parameters = module._sqlite3_bind_parameter_count(pointer);
    this.#columns = Array.from({ length: module._sqlite3_column_count(pointer) }, (_, column) =>
      readText(module, module._sqlite3_column_name(pointer, column)),
    );
  }

  /** @throws RangeError if the count or a value does not fit the statement. */
  bind(parameters: readonly SqlParameter[]): void {
    if (parameters.length !== this.#parameters) throw new RangeError("wrong number of SQL parameters");
    parameters.forEach((value, at) => {
      const code = this.#bindOne(at + 1, value);
      if (code !== codes.SQLITE_OK) throw new RangeError(`SQL parameter refused (${String(code)})`);
    });
  }

  /** One step: `SQLITE_ROW`, `SQLITE_DONE` or an error code. */
  step(): number {
    return this.#module._sqlite3_step(this.#pointer);
  }

  /** The row that the last step stopped at. */
  row(): SqlRow {
    const row: Record<string, SqlValue> = {};
    for (let column = 0; column < this.#columns.length; column += 1) {
      row[this.#columns[column] ?? ""] = this.#column(column);
    }
    return row;
  }

  reset(): void {
    this.#module._sqlite3_reset(this.#pointer); // repeats the code that step gave
    if (this.#parameters > 0) this.#module._sqlite3_clear_bindings(this.#pointer);
  }

  close(): void {
    this.#module._sqlite3_finalize(this.#pointer);
  }

  #bindOne(index: number, value: SqlParameter): number {
    const module = this.#module;
    if (value === undefined) return module._sqlite3_bind_null(this.#pointer, index);
    if (typeof value === "number") return this.#bindNumber(index, value);
    if (typeof value === "bigint") {
      if (BigInt.asIntN(64, value) !== value) throw new RangeError("SQL integer beyond 64 bits");
      return this.#bindInteger(index, Number(BigInt.asIntN(32, value)), Number(value >> 32n));
    }
    const free = module._getSqliteFree();
    if (typeof value === "string") {
      const bytes = UTF8.encode(value);
      return module._sqlite3_bind_text(this.#pointer, index, copyIn(module, bytes), bytes.length, free);
    }
    // A null address would bind NULL.
    if (value.length === 0) return module._sqlite3_bind_zeroblob(this.#pointer, index, 0);
    return module._sqlite3_bind_blob(this.#pointer, index, copyIn(module, value), value.length, free);
  }

  #bindNumber(index: number, value: number): number {
    if (!Number.isFinite(value)) throw new RangeError("SQL number is not finite");
    if (!Number.isSafeInteger(value)) return this.#module._sqlite3_bind_double(this.#pointer, index, value);
    return this.#bindInteger(index, value | 0, Math.floor(value / 2 ** 32));
  }

  #bindInteger(index: number, low: number, high: number): number {
    return this.#module._sqlite3_bind_int64(this.#pointer, index, low, high);
  }

  #column(column: number): SqlValue {
    const module = this.#module;
    switch (module._sqlite3_column_type(this.#pointer, column)) {
      case codes.SQLITE_INTEGER: {
        const low = module._sqlite3_column_int64(this.#pointer, column);
        const value = module.getTempRet0() * 2 ** 32 + (low >>> 0);
        if (!Number.isSafeInteger(value)) throw new RangeError("SQL integer beyond 2^53");
        return value;
      }
      case codes.SQLITE_FLOAT:
        return module._sqlite3_column_double(this.#pointer, column);
      case codes.SQLITE_TEXT:
        return FROM_UTF8.decode(this.#bytes(module._sqlite3_column_text(this.#pointer, column), column));
      case codes.SQLITE_BLOB:
        return this.#bytes(module._sqlite3_column_blob(this.#pointer, column), column).slice();
      default:
        return undefined;
    }
  }

  #bytes(at: Pointer, column: number): Uint8Array {
    return this.#module.HEAPU8.subarray(at, at + this.#module._sqlite3_column_bytes(this.#pointer, column));
  }
}

/** Copies `bytes` and a closing zero into SQLite's memory. Who calls frees it, or lets SQLite. */
export function copyIn(module: SqliteModule, bytes: Uint8Array): Pointer {
  const at = module._sqlite3_malloc(bytes.length + 1);
  if (at === 0) throw new RangeError("SQLite is out of memory");
  module.HEAPU8.set(bytes, at);
  module.HEAPU8[at + bytes.length] = 0;
  return at;
}

/** The zero-terminated text at `at`. */
export function readText(module: SqliteModule, at: Pointer): string {
  return FROM_UTF8.decode(module.HEAPU8.subarray(at, module.HEAPU8.indexOf(0, at)));
}
