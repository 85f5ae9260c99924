import { StorageError, type StorageErrorCode } from "../ports/storage-error.ts";
import * as codes from "./sqlite-codes.ts";
import type { Pointer, Sqlite } from "./sqlite-module.ts";
import type { SqlParameter, SqlRow } from "./sql-value.ts";
import { copyIn, readText, Statement } from "./statement.ts";

/** Statements kept prepared; the one unused for longest goes first. */
const MAX_STATEMENTS = 200;

/**
 * A SQLite connection, synchronous. Throws `StorageError` when the files fail, RangeError for mistakes in our SQL or a
 * violated constraint (the message is SQLite's: names of tables and columns, no values).
 */
export class Connection {
  readonly #sqlite: Sqlite;
  readonly #database: Pointer;
  readonly #statements = new Map<string, Statement>();

  /** @param path - From `BlockFileVfs.mount`. */
  constructor(sqlite: Sqlite, path: string) {
    this.#sqlite = sqlite;
    const { module } = sqlite;
    const name = copyIn(module, new TextEncoder().encode(path));
    const vfs = copyIn(module, new TextEncoder().encode(sqlite.vfs.name));
    const out = copyIn(module, new Uint8Array(4));
    const flags = codes.SQLITE_OPEN_READWRITE | codes.SQLITE_OPEN_CREATE;
    const code = module._sqlite3_open_v2(name, out, flags, vfs);
    this.#database = module.HEAP32[out >> 2] ?? 0;
    for (const pointer of [name, vfs, out]) module._sqlite3_free(pointer);
    if (code !== codes.SQLITE_OK) {
      module._sqlite3_close_v2(this.#database);
      throw new StorageError("io", "open database", sqlite.vfs.takeFailure());
    }
    module._sqlite3_extended_result_codes(this.#database, 1);
  }

  /** Whether a transaction is open. SQLite ends one by itself after some failures. */
  get inTransaction(): boolean {
    return this.#sqlite.module._sqlite3_get_autocommit(this.#database) === 0;
  }

  /** Runs any number of statements without parameters. */
  execute(sql: string): void {
    const { module } = this.#sqlite;
    const at = copyIn(module, new TextEncoder().encode(sql));
    const code = module._sqlite3_exec(this.#database, at, 0, 0, 0);
    module._sqlite3_free(at);
    if (code !== codes.SQLITE_OK) throw this.#error(code);
  }

  /** Runs one statement and returns how many rows it changed; for anything but INSERT, UPDATE, DELETE means nothing. */
  run(sql: string, parameters: readonly SqlParameter[]): number {
    this.#each(sql, parameters, () => true);
    return this.#sqlite.module._sqlite3_changes(this.#database);
  }

  all(sql: string, parameters: readonly SqlParameter[]): SqlRow[] {
    const rows: SqlRow[] = [];
    this.#each(sql, parameters, (statement) => rows.push(statement.row()) > 0);
    return rows;
  }

  get(sql: string, parameters: readonly SqlParameter[]): SqlRow | undefined {
    let first: SqlRow | undefined;
    this.#each(sql, parameters, (statement) => {
      first = statement.row();
      return false;
    });
    return first;
  }

  /** Drops the prepared statements; needed after a change of the schema. */
  forgetStatements(): void {
    for (const statement of this.#statements.values()) statement.close();
    this.#statements.clear();
  }

  /** Folds the log into the database file as far as the files allow, and closes. */
  close(): void {
    this.forgetStatements();
    this.#sqlite.module._sqlite3_close_v2(this.#database);
  }

  #each(sql: string, parameters: readonly SqlParameter[], visit: (statement: Statement) => boolean): void {
    const statement = this.#prepared(sql);
    try {
      statement.bind(parameters);
      for (;;) {
        const code = statement.step();
        if (code === codes.SQLITE_DONE) return;
        if (code !== codes.SQLITE_ROW) throw this.#error(code);
        if (!visit(statement)) return;
      }
    } finally {
      statement.reset();
    }
  }

  #prepared(sql: string): Statement {
    const known = this.#statements.get(sql);
    const statement = known ?? this.#prepare(sql);
    // A map keeps the order of insertion: the first key is the one unused for longest.
    if (known !== undefined) this.#statements.delete(sql);
    this.#statements.set(sql, statement);
    if (this.#statements.size > MAX_STATEMENTS) {
      const oldest = this.#statements.keys().next().value ?? sql;
      this.#statements.get(oldest)?.close();
      this.#statements.delete(oldest);
    }
    return statement;
  }

  #prepare(sql: string): Statement {
    const { module } = this.#sqlite;
    const bytes = new TextEncoder().encode(sql);
    const text = copyIn(module, bytes);
    const out = copyIn(module, new Uint8Array(8));
    const code = module._sqlite3_prepare_v2(this.#database, text, bytes.length + 1, out, out + 4);
    const pointer = module.HEAP32[out >> 2] ?? 0;
    const rest = bytes.length - ((module.HEAP32[(out >> 2) + 1] ?? 0) - text);
    module._sqlite3_free(text);
    module._sqlite3_free(out);
    if (code !== codes.SQLITE_OK) throw this.#error(code);
    if (pointer === 0) throw new RangeError("no SQL statement");
    if (rest > 0 && sql.slice(-rest).trim() !== "") {
      module._sqlite3_finalize(pointer);
      throw new RangeError("more than one SQL statement");
    }
    return new Statement(module, pointer);
  }

  #error(code: number): Error {
    const cause = this.#sqlite.vfs.takeFailure();
    const storageCode = toStorageErrorCode(code & 0xff);
    if (storageCode !== undefined) return new StorageError(storageCode, `database (${String(code)})`, cause);
    return new RangeError(readText(this.#sqlite.module, this.#sqlite.module._sqlite3_errmsg(this.#database)));
  }
}

function toStorageErrorCode(primary: number): StorageErrorCode | undefined {
  switch (primary) {
    case codes.SQLITE_FULL:
      return "full";
    case codes.SQLITE_IOERR:
    case codes.SQLITE_CANTOPEN:
    case codes.SQLITE_NOMEM:
      return "io";
    case codes.SQLITE_CORRUPT:
    case codes.SQLITE_NOTADB:
      return "corrupt";
    case codes.SQLITE_BUSY:
    case codes.SQLITE_LOCKED:
      return "busy";
    default:
      return undefined;
  }
}
