import type { IdentityKey } from "@stonechat/protocol";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { beforeAll, expect, test } from "vitest";
import { identityRow, setProfileName } from "../identity/identity-store.ts";
import { openDatabase, type Database } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import { insertContact, lookAlike } from "./contact-rows.ts";

let db: Database;
const stranger = 99;

beforeAll(async () => {
  const files = new MemoryBlockFiles(1);
  db = await openDatabase({ sqlite: await testSqlite(), files, name: "test.db", migrations: MIGRATIONS });
  await db.transaction((tx) => {
    for (const [i, name] of ["Paulo Silva", "Ольга", "李雷", "Zoë"].entries()) {
      const row = identityRow(tx, new Uint8Array(32).fill(i) as IdentityKey);
      setProfileName(tx, row, name);
      insertContact(tx, row, i + 1, 0);
    }
  });
});

test.each([
  ["the same", "Paulo Silva", "Paulo Silva"],
  ["other case", "PAULO SILVA", "Paulo Silva"],
  ["other spaces", " paulo  silva ", "Paulo Silva"],
  ["an invisible sign", "Pau\u200Blo Silva", "Paulo Silva"],
  ["a direction mark", "\u202EPaulo Silva", "Paulo Silva"],
  ["a Cyrillic letter", "Pаulо Silvа", "Paulo Silva"],
  ["a one for an l", "Pau1o Si1va", "Paulo Silva"],
  ["a zero for an o", "Paul0 Silva", "Paulo Silva"],
  ["full-width letters", "Ｐａｕｌｏ Silva", "Paulo Silva"],
  ["a tick after it", "Paulo Silva ✓", "Paulo Silva"],
  ["an accent", "Paúlo Silva", "Paulo Silva"],
  ["without an accent", "Zoe", "Zoë"],
  ["Latin o for Cyrillic", "oльгa", "Ольга"],
])("a stranger's name is taken for a contact's with %s", async (_, name, like) => {
  expect(await db.transaction((tx) => lookAlike(tx, name, stranger))).toBe(like);
});

test.each(["Paula Silva", "Paulo", "Silva Paulo", "Olga", "李蕾", "Zo"])("%s is nobody's look-alike", async (name) => {
  expect(await db.transaction((tx) => lookAlike(tx, name, stranger))).toBeUndefined();
});

test("nobody is a look-alike of themselves", async () => {
  expect(await db.transaction((tx) => lookAlike(tx, "Paulo Silva", 1))).toBeUndefined();
});
