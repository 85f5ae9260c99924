import { systemRandom } from "@stonechat/crypto/issuer";
import { MIGRATIONS } from "./postgres-schema.ts";
import type { Ask, PostgresSession } from "./postgres-session.ts";

/** The database would lose what it has acknowledged, so the relay does not start on it. */
export class UnsafeDatabaseError extends Error {
  override readonly name = "UnsafeDatabaseError";
  readonly code = "unsafe-database";
}

/** The database was written by a newer relay. */
export class NewerDatabaseError extends Error {
  override readonly name = "NewerDatabaseError";
  readonly code = "newer-format";

  constructor(found: number) {
    super(
      `the database has format ${String(found)}, this relay knows formats up to ${String(MIGRATIONS.length)}: install the newer version again`,
    );
  }
}

/** Settings without which "acknowledged" would not mean "survives a power cut", and the values that keep it true. */
const REQUIRED: readonly (readonly [name: string, allowed: readonly string[]])[] = [
  ["synchronous_commit", ["on", "remote_apply"]],
  ["fsync", ["on"]],
  ["full_page_writes", ["on"]],
  // A failed sync must stop the server: after it nobody knows what is on the disk.
  ["data_sync_retry", ["off"]],
];

/**
 * Reads the settings back that durability depends on. A database that does not have one of them at all (it only speaks
 * PostgreSQL's protocol) is taken at its word.
 *
 * @throws {@link UnsafeDatabaseError}.
 */
export async function requireDurability(ask: Ask): Promise<void> {
  const names = REQUIRED.map(([name]) => `current_setting('${name}', true) AS ${name}`);
  const [row] = await ask(`SELECT ${names.join(", ")}`);
  for (const [name, allowed] of REQUIRED) {
    const value: unknown = row?.[name];
    if (typeof value !== "string" || value === "" || allowed.includes(value)) continue;
    throw new UnsafeDatabaseError(
      `PostgreSQL runs with ${name} = ${value}, and so may lose what was acknowledged: set ${name} = ${allowed.join(" or ")}`,
    );
  }
}

/** Whether this server takes writes: a standby does not. */
export async function takesWrites(ask: Ask): Promise<boolean> {
  const [row] = await ask("SELECT current_setting('transaction_read_only') AS value");
  return row?.["value"] === "off";
}

/** Any number that no other program is likely to lock: it keeps two relays from preparing one database at once. */
const PREPARING = 5_839_201_774;

/** A database has a random name, by which its relays find each other. */
const NAME_BYTES = 16;

/** Makes the tables, or brings those of an older relay up to date. @throws {@link NewerDatabaseError}. */
export async function prepareDatabase(session: PostgresSession): Promise<void> {
  await session.transaction(async (ask) => {
    await ask(`SELECT pg_advisory_xact_lock(${String(PREPARING)})`);
    await ask("CREATE TABLE IF NOT EXISTS stonechat (version integer NOT NULL, name text NOT NULL)");
    const [row] = await ask("SELECT version, name FROM stonechat");
    const version = Number(row?.["version"] ?? 0);
    if (version > MIGRATIONS.length) throw new NewerDatabaseError(version);
    if (version === MIGRATIONS.length) return;
    for (const migration of MIGRATIONS.slice(version)) await ask(migration);
    const known: unknown = row?.["name"];
    const name = typeof known === "string" ? known : Buffer.from(systemRandom().bytes(NAME_BYTES)).toString("hex");
    await ask("DELETE FROM stonechat");
    await ask("INSERT INTO stonechat (version, name) VALUES ($1::int, $2::text)", [MIGRATIONS.length, name]);
  });
}
