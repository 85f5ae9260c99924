import createModule from "@journeyapps/wa-sqlite/dist/wa-sqlite.mjs";
import { BlockFileVfs } from "./block-file-vfs.ts";

/** An address in the memory of the WebAssembly module. */
export type Pointer = number;

/**
 * What we use of the Emscripten module: SQLite's C functions under their own names. 64-bit arguments are two 32-bit
 * halves, low first; the high half of a 64-bit result is fetched with `getTempRet0`.
 */
export interface SqliteModule {
  /** The module's memory; another object after the memory has grown, so never keep it. */
  readonly HEAPU8: Uint8Array;
  readonly HEAP32: Int32Array;
  vfs_register(vfs: object, makeDefault: boolean): number;
  getTempRet0(): number;
  _getSqliteFree(): Pointer;
  _sqlite3_initialize(): number;
  _sqlite3_malloc(size: number): Pointer;
  _sqlite3_free(pointer: Pointer): void;
  _sqlite3_open_v2(name: Pointer, database: Pointer, flags: number, vfs: Pointer): number;
  _sqlite3_close_v2(database: Pointer): number;
  _sqlite3_extended_result_codes(database: Pointer, on: number): number;
  _sqlite3_errmsg(database: Pointer): Pointer;
  _sqlite3_exec(database: Pointer, sql: Pointer, callback: Pointer, argument: Pointer, error: Pointer): number;
  _sqlite3_get_autocommit(database: Pointer): number;
  _sqlite3_changes(database: Pointer): number;
  _sqlite3_prepare_v2(database: Pointer, sql: Pointer, bytes: number, statement: Pointer, tail: Pointer): number;
  _sqlite3_step(statement: Pointer): number;
  _sqlite3_reset(statement: Pointer): number;
  _sqlite3_clear_bindings(statement: Pointer): number;
  _sqlite3_finalize(statement: Pointer): number;
  _sqlite3_bind_parameter_count(statement: Pointer): number;
  _sqlite3_bind_blob(statement: Pointer, index: number, value: Pointer, bytes: number, free: Pointer): number;
  _sqlite3_bind_text(statement: Pointer, index: number, value: Pointer, bytes: number, free: Pointer): number;
  _sqlite3_bind_zeroblob(statement: Pointer, index: number, bytes: number): number;
  _sqlite3_bind_double(statement: Pointer, index: number, value: number): number;
  _sqlite3_bind_int(statement: Pointer, index: number, value: number): number;
  _sqlite3_bind_int64(statement: Pointer, index: number, low: number, high: number): number;
  _sqlite3_bind_null(statement: Pointer, index: number): number;
  _sqlite3_column_count(statement: Pointer): number;
  _sqlite3_column_name(statement: Pointer, column: number): Pointer;
  _sqlite3_column_type(statement: Pointer, column: number): number;
  _sqlite3_column_int64(statement: Pointer, column: number): number;
  _sqlite3_column_double(statement: Pointer, column: number): number;
  _sqlite3_column_text(statement: Pointer, column: number): Pointer;
  _sqlite3_column_blob(statement: Pointer, column: number): Pointer;
  _sqlite3_column_bytes(statement: Pointer, column: number): number;
}

/**
 * Where SQLite's WebAssembly comes from: its bytes, or a function that instantiates it with the given imports and
 * resolves to the `WebAssembly.Instance` (a browser then compiles while it downloads, and caches what it compiled).
 */
export type SqliteWasm = Uint8Array | ((imports: unknown) => Promise<unknown>);

/** A loaded SQLite. One serves any number of databases; loading costs tens of milliseconds, so share it. */
export type Sqlite = { readonly module: SqliteModule; readonly vfs: BlockFileVfs };

/** Loads SQLite. Rejects with what the platform throws when `wasm` is not SQLite's module. */
export async function loadSqlite(wasm: SqliteWasm): Promise<Sqlite> {
  // Without its `main`, which would only register a vendor's extension that we do not use.
  const settings = { noInitialRun: true, locateFile: () => "wa-sqlite.wasm" };
  const module = await (wasm instanceof Uint8Array
    ? createModule({ ...settings, wasmBinary: wasm })
    : instantiated(settings, wasm));
  const sqlite = module as SqliteModule; // described above; the loader is plain JavaScript
  if (sqlite._sqlite3_initialize() !== 0) throw new RangeError("SQLite does not start");
  const vfs = new BlockFileVfs(sqlite);
  if (sqlite.vfs_register(vfs, false) !== 0) throw new RangeError("SQLite refuses the file layer");
  return { module: sqlite, vfs };
}

/** The loader waits for ever when its hook fails, so the failure is brought out beside it. */
async function instantiated(settings: object, instantiate: (imports: unknown) => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const instantiateWasm = (imports: unknown, ready: (instance: unknown) => void): object => {
      instantiate(imports).then(ready, reject);
      return {};
    };
    createModule({ ...settings, instantiateWasm }).then(resolve, reject);
  });
}
