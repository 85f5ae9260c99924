/** Measures the vault's storage in the browser's private file system, and tells the page the figures. */
import { initCrypto, loadSqlite } from "../../packages/core/src/index.ts";
import { openOpfsBlockFiles } from "../../packages/web/src/platform/opfs-block-files.ts";
import { measureVault } from "../../bench/vault-workload.ts";

await initCrypto();
const sqlite = await loadSqlite(new Uint8Array(await (await fetch("/wa-sqlite.wasm")).arrayBuffer()));
const folder = `vault-bench-${String(Date.now())}`;
const root = await navigator.storage.getDirectory();
try {
  postMessage(await measureVault({ sqlite, files: await openOpfsBlockFiles(folder) }));
} finally {
  await root.removeEntry(folder, { recursive: true });
}
