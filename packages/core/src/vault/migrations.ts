import { StorageError } from "../ports/storage-error.ts";
import type { Connection } from "./connection.ts";

/**
 * One step of the schema: any number of SQL statements. The steps' versions are 1, 2, 3 …; a published step never
 * changes. Each runs in one transaction together with its version number, so a crash leaves it done or not begun.
 */
export type Migration = { readonly version: number; readonly sql: string };

/**
 * Brings a database to the last version, and does nothing if it is there.
 *
 * @throws StorageError `newer-version` if a newer program wrote the database; it is left untouched.
 * @throws RangeError if the versions are not 1, 2, 3 …
 */
export function migrate(connection: Connection, migrations: readonly Migration[]): void {
  if (migrations.some(({ version }, at) => version !== at + 1)) throw new RangeError("migrations are not 1, 2, 3 …");
  const current = Number(connection.get("PRAGMA user_version", [])?.["user_version"] ?? 0);
  if (current > migrations.length) throw new StorageError("newer-version", "migrate");
  for (const { version, sql } of migrations.slice(current)) {
    connection.execute("BEGIN IMMEDIATE");
    try {
      connection.execute(sql);
      connection.execute(`PRAGMA user_version = ${String(version)}`);
      connection.execute("COMMIT");
    } catch (error) {
      if (connection.inTransaction) connection.execute("ROLLBACK");
      throw error;
    }
  }
  connection.forgetStatements();
}
