import type { ClientWorld, Person } from "@stonechat/testkit/client-world";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { openDatabase, type Transaction } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";

/** Ends a person's program, changes what lies in its database, and starts it again: whoever owns a device can. */
export async function tamper(
  world: ClientWorld,
  person: Person,
  work: (tx: Transaction) => Promise<void> | void,
): Promise<Person> {
  await world.until(person.client.close());
  const sqlite = await testSqlite();
  const db = await openDatabase({ sqlite, files: person.files, name: "stonechat.db", migrations: MIGRATIONS });
  await db.transaction(work);
  await db.close();
  return world.open(person.files);
}
