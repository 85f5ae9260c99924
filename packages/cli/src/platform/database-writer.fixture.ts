/**
 * The child process of node-database.test.ts: opens the database in the folder named by its argument, prints the
 * highest id found there, then adds rows for ever and prints each id once its transaction is durable.
 */
import { openDatabase } from "@stonechat/core";
import { openNodeBlockFiles } from "./node-block-files.ts";
import { loadNodeSqlite } from "./node-sqlite.ts";

const MIGRATIONS = [
  {
    version: 1,
    sql: `CREATE TABLE item(id INTEGER PRIMARY KEY, value BLOB) STRICT;
      CREATE TABLE total(one INTEGER PRIMARY KEY, count INTEGER) STRICT;
      INSERT INTO total VALUES(1, 0);`,
  },
];

const files = await openNodeBlockFiles(process.argv[2] ?? "");
const database = await openDatabase({ sqlite: await loadNodeSqlite(), files, name: "main", migrations: MIGRATIONS });
let id = await database.transaction((tx) => {
  const check = tx.get("PRAGMA integrity_check")?.["integrity_check"];
  const found = tx.get<{ ids: number; last: number; counted: number }>(
    "SELECT count(*) AS ids, coalesce(max(id), 0) AS last, (SELECT count FROM total) AS counted FROM item",
  );
  const whole = check === "ok" && found?.ids === found?.counted && found?.ids === found?.last;
  if (!whole) throw new Error("half a transaction was found");
  return found?.last ?? 0;
});
process.stdout.write(`found ${String(id)}\n`);
for (;;) {
  id += 1;
  await database.transaction((tx) => {
    tx.run("INSERT INTO item VALUES(?, ?)", id, new Uint8Array(4000).fill(id));
    tx.run("UPDATE total SET count = count + 1");
  });
  process.stdout.write(`durable ${String(id)}\n`);
}
