import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto } from "@stonechat/core";
import { chromium } from "playwright-core";
import { build } from "vite";
import { openNodeBlockFiles } from "../packages/cli/src/platform/node-block-files.ts";
import { loadNodeSqlite } from "../packages/cli/src/platform/node-sqlite.ts";
import type { Row } from "./row.ts";
import { measureVault, type VaultFigures } from "./vault-workload.ts";

const WORKER = join(import.meta.dirname, "../e2e/opfs/vault-bench-worker.ts");
const PAGE = "<!doctype html><link rel=icon href=data:,><title>Vault</title>";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"];
const REKEYED_BYTES = 20e6;
/** A page that keeps to itself has a clock of 5 µs; others one of 100 µs, a quarter of what is measured here. */
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
};

/** The database in a slot of the vault beside the same engine on a plain file, in Node and in Chromium. */
export async function benchVaultStorage(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), "stonechat-bench-vault-"));
  try {
    return [...rows("Node", await inNode(join(folder, "files"))), ...rows("Chromium", await inChromium(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function inNode(path: string): Promise<VaultFigures> {
  await initCrypto();
  const files = await openNodeBlockFiles(path);
  try {
    return await measureVault({ sqlite: await loadNodeSqlite(), files });
  } finally {
    files.close();
  }
}

async function inChromium(folder: string): Promise<VaultFigures> {
  const script = await builtWorker(join(folder, "built"));
  const wasm = readFileSync(createRequire(import.meta.url).resolve("@journeyapps/wa-sqlite/dist/wa-sqlite.wasm"));
  const server = createServer(({ url }, response) => {
    const [type, body] =
      url === "/worker.js"
        ? (["text/javascript", script] as const)
        : url === "/wa-sqlite.wasm"
          ? (["application/wasm", wasm] as const)
          : (["text/html", PAGE] as const);
    response.writeHead(200, { "content-type": type, ...ISOLATED }).end(body);
  }).listen(0, "127.0.0.1");
  try {
    await once(server, "listening");
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new RangeError("a TCP server has an address");
    return await figuresFrom(`http://127.0.0.1:${String(address.port)}/`, join(folder, "profile"));
  } finally {
    server.close();
  }
}

async function builtWorker(outDir: string): Promise<Uint8Array> {
  await build({
    configFile: false,
    root: join(WORKER, ".."),
    logLevel: "error",
    build: {
      outDir,
      target: "esnext",
      rolldownOptions: { input: WORKER, output: { entryFileNames: "worker.js" } },
    },
  });
  return readFileSync(join(outDir, "worker.js"));
}

async function figuresFrom(url: string, profile: string): Promise<VaultFigures> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: FLAGS,
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(url);
    // As text, for this project has no types of the browser.
    const figures: unknown = await page.evaluate(`new Promise((resolve, reject) => {
      const worker = new Worker("/worker.js", { type: "module" });
      worker.addEventListener("message", ({ data }) => { resolve(data); });
      worker.addEventListener("error", ({ message }) => { reject(new Error(message)); });
    })`);
    return figures as VaultFigures; // our own worker sends nothing else
  } finally {
    await context.close();
  }
}

function rows(platform: string, figures: VaultFigures): Row[] {
  const { storeSlot, storeSlotP99, storePlain, storePlainP99, rekey, rekeyBytes, millionBytes } = figures;
  const of = `${platform}, 100,000 present`;
  const million = `${platform}, 1,000,000 (${(millionBytes / 1e6).toFixed(0)} MB)`;
  return [
    {
      what: `${of}: store 1 message, median`,
      measured: storeSlot,
      unit: "ms",
      baseline: { what: "plain file", value: storePlain },
      target: { of: "ratio", atMost: 1.5 },
    },
    {
      what: `${of}: store 1 message, 99 %`,
      measured: storeSlotP99,
      unit: "ms",
      baseline: { what: "plain file", value: storePlainP99 },
    },
    { what: `${of}: open the slot and the database`, measured: figures.openSlot, unit: "ms" },
    { what: `${of}: … and read the last 50 of a conversation`, measured: figures.lastFifty, unit: "ms" },
    {
      what: `${platform}: re-key 20 MB (measured: ${(rekeyBytes / 1e6).toFixed(0)} MB)`,
      measured: (rekey * REKEYED_BYTES) / rekeyBytes,
      unit: "ms",
      target: { of: "measured", atMost: 1000 },
    },
    {
      what: `${million}: search, first hits of the worst of 200 words`,
      measured: figures.searchFirst,
      unit: "ms",
      target: { of: "measured", atMost: 100 },
    },
    { what: `${million}: search, median of 200 words`, measured: figures.searchMedian, unit: "ms" },
  ];
}
