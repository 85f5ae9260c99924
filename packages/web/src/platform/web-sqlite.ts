import { loadSqlite, type Sqlite } from "@stonechat/core";
import sqliteUrl from "@journeyapps/wa-sqlite/dist/wa-sqlite.wasm?url";

/** SQLite from the app's own files, compiled while it downloads. */
export async function loadWebSqlite(): Promise<Sqlite> {
  return loadSqlite(async (imports) => {
    // The loader hands over what WebAssembly calls imports; the portable core has no name for them.
    const loaded = await WebAssembly.instantiateStreaming(fetch(sqliteUrl), imports as WebAssembly.Imports);
    return loaded.instance;
  });
}
