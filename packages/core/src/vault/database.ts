import type { BlockFiles } from "../ports/block-files.ts";
import type { BlockFile } from "../ports/block-file.ts";
import { StorageError } from "../ports/storage-error.ts";
import { Connection } from "./connection.ts";
import { configure, openLayout } from "./database-layout.ts";
import { migrate, type Migration } from "./migrations.ts";
import type { SqlParameter, SqlRow } from "./sql-value.ts";
import type { Sqlite } from "./sqlite-module.ts";

/**
 * Statements inside one transaction; all synchronous. After the transaction has ended, every method throws RangeError.
 * Throws StorageError when files fail; the transaction is then lost, even if the caller catches. Throws RangeError for
 * wrong SQL and violated constraints (use `ON CONFLICT` for those that can happen).
 */
export interface Transaction {
  /** Runs an INSERT, UPDATE or DELETE. Returns the number of rows it changed. */
  run(sql: string, ...parameters: readonly SqlParameter[]): number;
  /** All rows. `Row` is the caller's word for what the SQL selects; nothing checks it. */

  all<Row extends SqlRow = SqlRow>(sql: string, ...parameters: readonly SqlParameter[]): Row[];
  /** The first row, or undefined. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- names what a query returns
  get<Row extends SqlRow = SqlRow>(sql: string, ...parameters: readonly SqlParameter[]): Row | undefined;
}

/** What {@link Database.exclusively} lends: the same database, while everybody else waits. */
export type ExclusiveDatabase = Pick<Database, "transaction" | "checkpoint">;

/** The client's database. */
export interface Database {
  /**
   * Runs `work` alone, after all transactions asked for before, and commits what it did when its promise resolves: all
   * of it or, if `work` throws, nothing. When the returned promise resolves the changes survive power loss. If it
   * rejects with StorageError nothing is applied; after `io` while committing, a crash soon after may bring it back.
   *
   * `work` must not wait for another transaction of the same database: that would wait for ever.
   *
   * @throws StorageError `full`, `io`, `corrupt`; the database stays usable.
   */
  transaction<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T>;
  /**
   * Folds the write-ahead log, if there is one, into the database file and empties it, so that deleted rows are in no
   * file any more. Happens by itself whenever the log has grown past {@link CHECKPOINT_LOG_BYTES}, and at close.
   */
  checkpoint(): Promise<void>;
  /**
   * Lends the database to `work`, after everything asked for before; all others wait until its promise settles. Between
   * the transactions that `work` runs nothing is written. What it was lent ends with it.
   *
   * `work` must wait for every transaction it runs, and for none of the database itself: that would wait for ever.
   */
  exclusively<T>(work: (lent: ExclusiveDatabase) => Promise<T>): Promise<T>;
  /** Waits for the transactions under way, then closes the files. Later calls reject with RangeError. */
  close(): Promise<void>;
}

/**
 * The write-ahead log is folded into the database file when it is longer than this: some fifty messages. Longer would
 * save a few bytes a message, but what was overwritten or deleted would stay in the log for longer.
 */
export const CHECKPOINT_LOG_BYTES = 512 * 1024;

/** What {@link openDatabase} needs. `name` must satisfy `isBlockFileName` with eight characters to spare. */
export type DatabaseSettings = {
  readonly sqlite: Sqlite;
  readonly files: BlockFiles;
  readonly name: string;
  readonly migrations: readonly Migration[];
};

/**
 * Opens or makes the database `name` and migrates it. It is one file, on plain files also `name-wal` and `name-journal`.
 *
 * @throws StorageError `busy` if it is open already, `newer-version`, `corrupt`, `full`, `io`.
 */
export async function openDatabase({ sqlite, files, name, migrations }: DatabaseSettings): Promise<Database> {
  const opened = await openLayout(files, name);
  const path = sqlite.vfs.mount(opened);
  const release = (): void => {
    sqlite.vfs.unmount(path);
    for (const file of [opened.main, opened.log, opened.journal]) file.close();
  };
  try {
    const connection = new Connection(sqlite, path);
    try {
      configure(connection, opened);
      migrate(connection, migrations);
    } catch (error) {
      connection.close();
      throw error;
    }
    return new QueuedDatabase(connection, opened.log, release);
  } catch (error) {
    release();
    throw error;
  }
}

class QueuedDatabase implements Database {
  readonly #connection: Connection;
  readonly #log: BlockFile;
  readonly #release: () => void;
  #tail: Promise<unknown> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(connection: Connection, log: BlockFile, release: () => void) {
    this.#connection = connection;
    this.#log = log;
    this.#release = release;
  }

  async transaction<T>(work: (tx: Transaction) => Promise<T> | T): Promise<T> {
    const done = this.#queue(async () => runTransaction(this.#connection, work));
    // Queued behind the transaction but not awaited by its caller: see the note above.
    void this.#tailCheckpoint();
    return done;
  }

  async checkpoint(): Promise<void> {
    return this.#queue(() => {
      this.#checkpointNow();
    });
  }

  async exclusively<T>(work: (lent: ExclusiveDatabase) => Promise<T>): Promise<T> {
    const done = this.#queue(async () => {
      let ended = false;
      const lend = <R>(step: () => R): R => {
        if (ended) throw new RangeError("what was lent has ended");
        return step();
      };
      try {
        return await work({
          transaction: async (inner) => lend(() => runTransaction(this.#connection, inner)),
          checkpoint: async () => {
            lend(() => {
              this.#checkpointNow();
            });
            return Promise.resolve();
          },
        });
      } finally {
        ended = true;
      }
    });
    void this.#tailCheckpoint();
    return done;
  }

  async close(): Promise<void> {
    this.#closed ??= this.#queue(() => {
      try {
        this.#connection.close();
      } finally {
        this.#release();
      }
    });
    return this.#closed;
  }

  async #queue<T>(work: () => Promise<T> | T): Promise<T> {
    if (this.#closed !== undefined) throw new RangeError("the database is closed");
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined); // the caller gets the failure; the queue goes on
    return done;
  }

  async #tailCheckpoint(): Promise<void> {
    await this.#queue(() => {
      if (this.#log.size() < CHECKPOINT_LOG_BYTES) return;
      this.#checkpointNow();
    }).catch(() => {
      // Everything is in the log still; the next transaction tries again, and reports what it itself meets.
    });
  }

  #checkpointNow(): void {
    this.#connection.all("PRAGMA wal_checkpoint(TRUNCATE)", []);
  }
}

async function runTransaction<T>(connection: Connection, work: (tx: Transaction) => Promise<T> | T): Promise<T> {
  connection.execute("BEGIN IMMEDIATE");
  const tx = new OpenTransaction(connection);
  try {
    const result = await work(tx);
    tx.end();
    connection.execute("COMMIT");
    return result;
  } catch (error) {
    tx.abandon();
    if (connection.inTransaction) connection.execute("ROLLBACK");
    throw error;
  }
}

class OpenTransaction implements Transaction {
  readonly #connection: Connection;
  #ended = false;
  #failure: StorageError | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  run(sql: string, ...parameters: readonly SqlParameter[]): number {
    return this.#guarded(() => this.#connection.run(sql, parameters));
  }

  all<Row extends SqlRow>(sql: string, ...parameters: readonly SqlParameter[]): Row[] {
    return this.#guarded(() => this.#connection.all(sql, parameters)) as Row[]; // the caller's word
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as declared above
  get<Row extends SqlRow>(sql: string, ...parameters: readonly SqlParameter[]): Row | undefined {
    return this.#guarded(() => this.#connection.get(sql, parameters)) as Row | undefined; // the caller's word
  }

  /** Before the commit: refuses it if a statement failed, for SQLite may have rolled back already. */
  end(): void {
    this.#ended = true;
    if (this.#failure !== undefined) throw this.#failure;
    if (!this.#connection.inTransaction) throw new RangeError("the work ended its own transaction");
  }

  abandon(): void {
    this.#ended = true;
  }

  #guarded<T>(work: () => T): T {
    if (this.#ended) throw new RangeError("the transaction has ended");
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return work();
    } catch (error) {
      if (error instanceof StorageError) this.#failure = error;
      throw error;
    }
  }
}
