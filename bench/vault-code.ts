import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import type { Row } from "./row.ts";

const ENTRY = join(import.meta.dirname, "vault-entry.ts");
const ASSETS = join(import.meta.dirname, "../packages/web/dist/assets");

/** What a page loads to open a vault: the door with its cryptography, and the database with its WASM. */
export async function vaultCodeRows(outDir: string): Promise<Row[]> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: "error",
    build: {
      outDir,
      target: "esnext",
      rolldownOptions: { input: ENTRY, preserveEntrySignatures: "strict", output: { entryFileNames: "vault.js" } },
    },
  });
  const wasm = createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/dist/wa-sqlite.wasm");
  const scripts = readdirSync(outDir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".js"));
  const worker = readdirSync(ASSETS).filter((name) => /core-worker.*\.js$|\.wasm$/.test(name));
  return [
    {
      what: "vault code in the first load, gzip with WASM",
      measured: gzipped([...scripts.map((name) => join(outDir, name)), wasm]),
      unit: "MB",
      target: { of: "measured", atMost: 0.8 },
    },
    {
      what: "the same with all that the worker does besides: messages, groups, attachments",
      measured: gzipped(worker.map((name) => join(ASSETS, name))),
      unit: "MB",
    },
  ];
}

function gzipped(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + gzipSync(readFileSync(file), { level: 9 }).length, 0) / 1e6;
}
