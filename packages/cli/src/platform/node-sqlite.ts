import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { loadSqlite, type Sqlite } from "@stonechat/core";

let loading: Promise<Sqlite> | undefined;

/** SQLite from the installed package, loaded once a process. */
export async function loadNodeSqlite(): Promise<Sqlite> {
  loading ??= read().then(loadSqlite);
  return loading;
}

async function read(): Promise<Uint8Array> {
  return readFile(createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/dist/wa-sqlite.wasm"));
}
