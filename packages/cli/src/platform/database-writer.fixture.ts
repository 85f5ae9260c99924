/**
 * The child process of node-database.test.ts: opens the database in a slot of the container in the folder named by its
 * argument, both made if absent, prints the highest id found there, then adds rows and files for ever and prints each
 * id once its transaction is durable.
 */
import { flushCompileCache } from "node:module";
import { initCrypto, openDatabase, StorageError, systemRandom, type BlockFile } from "@stonechat/core";
import { BLOCK_BYTES, Container, DATABASE_FILE } from "@stonechat/core/container";
import { openNodeBlockFiles } from "./node-block-files.ts";
import { loadNodeSqlite } from "./node-sqlite.ts";

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 64 * BLOCK_BYTES };
const KEY = new Uint8Array(32).fill(1);
const MIGRATIONS = [
  {
    version: 1,
    sql: `CREATE TABLE item(id INTEGER PRIMARY KEY, value BLOB) STRICT;
      CREATE TABLE total(one INTEGER PRIMARY KEY, count INTEGER) STRICT;
      CREATE VIRTUAL TABLE words USING fts5(text);
      INSERT INTO words(words, rank) VALUES('secure-delete', 1);
      INSERT INTO total VALUES(1, 0);`,
  },
];

flushCompileCache(); // one that is killed would leave nothing for the next
await initCrypto();
const folder = await openNodeBlockFiles(process.argv[2] ?? "");
const container = openContainer(await folder.open("vault.bin"));
const slot = container.openSlot(2, KEY) ?? container.formatSlot(2, KEY);
const database = await openDatabase({
  sqlite: await loadNodeSqlite(),
  files: slot.files,
  name: DATABASE_FILE,
  migrations: MIGRATIONS,
});
let id = await database.transaction((tx) => {
  const check = tx.get("PRAGMA integrity_check")?.["integrity_check"];
  tx.run("INSERT INTO words(words) VALUES('integrity-check')");
  const found = tx.get<{ ids: number; last: number; counted: number; words: number }>(
    `SELECT count(*) AS ids, coalesce(max(id), 0) AS last, (SELECT count FROM total) AS counted,
      (SELECT count(*) FROM words) AS words FROM item`,
  );
  const { ids, last, counted, words } = found ?? { ids: 0, last: 0, counted: -1, words: 0 };
  if (check !== "ok" || ids !== last || ids !== counted || ids !== words) {
    throw new Error("half a transaction was found");
  }
  return last;
});
// The file that was flushed last is whole; one under way may be there, empty.
for (const name of await slot.files.list()) {
  if (name === DATABASE_FILE) continue;
  const file = await slot.files.open(name);
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  if (new Set(bytes).size > 1 || ![0, 3 * BLOCK_BYTES].includes(bytes.length)) throw new Error("half a file was found");
  file.close();
}
process.stdout.write(`found ${String(id)}\n`);
for (;;) {
  id += 1;
  await database.transaction((tx) => {
    tx.run("INSERT INTO item VALUES(?, ?)", id, new Uint8Array(4000).fill(id));
    tx.run("INSERT INTO words(rowid, text) VALUES(?, ?)", id, `word${String(id)} and others`);
    tx.run("UPDATE total SET count = count + 1");
  });
  process.stdout.write(`durable ${String(id)}\n`);
  const file = await slot.files.open(`a-${String(id % 3)}`);
  file.write(new Uint8Array(3 * BLOCK_BYTES).fill(id), 0);
  file.flush();
  file.close();
}

/** A file too short is one whose making was cut off. */
function openContainer(file: BlockFile): Container {
  try {
    return Container.open(file, systemRandom(), SIZES);
  } catch (error) {
    if (!(error instanceof StorageError) || error.code !== "corrupt") throw error;
    return Container.create(file, systemRandom(), SIZES);
  }
}
