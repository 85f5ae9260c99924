import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { loadSqlite, type Sqlite } from "@stonechat/core";

let loading: Promise<Sqlite> | undefined;

/** SQLite from the installed package, loaded once a process and shared by all databases of the tests. */
export async function testSqlite(): Promise<Sqlite> {
  const path = createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/dist/wa-sqlite.wasm");
  loading ??= readFile(path).then(loadSqlite);
  return loading;
}
