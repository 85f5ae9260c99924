/** The size of the JavaScript that a first visit loads: the page's chunks and the worker's, without WASM. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { webDist } from "./build-web.ts";
import { reportFindings } from "./findings.ts";

const MAX_FIRST_LOAD_BYTES = 350_000;

/** `\\0asm` and what follows: a library carries its WASM inside its script. */
const WASM_IN_BASE64 = /AGFzbQ[A-Za-z0-9+/]{1000,}=*/g;
const SCRIPT_OR_PRELOAD = /(?:src|href)="\/?([^"]+\.js)"/g;
/** Static imports only: `import(…)` is loaded when it is needed. */
const STATIC_IMPORT = /\b(?:from|import)\s*["'`]\.\/([^"'`]+\.js)["'`]/g;
/** The worker that holds the client; the service worker is not needed to show or use the page. */
const WORKER = /["'`]([^"'`\s]*worker[^"'`\s/]*\.js)["'`]/gi;

const page = join(webDist, "index.html");
if (existsSync(page)) measure(readFileSync(page, "utf8"));
else reportFindings(["packages/web/dist/index.html is missing: run npm run build"]);

function measure(html: string): void {
  const seen = new Set<string>();
  const waiting = [...html.matchAll(SCRIPT_OR_PRELOAD)].map((match) => match[1] ?? "");
  let total = 0;
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (seen.has(file) || !existsSync(join(webDist, file))) continue;
    seen.add(file);
    const source = readFileSync(join(webDist, file));
    const bytes = brotliCompressSync(source.toString("utf8").replace(WASM_IN_BASE64, "")).length;
    total += bytes;
    process.stdout.write(`${String(bytes).padStart(8)}  ${file}\n`);
    waiting.push(...neededBy(source.toString("utf8")));
  }
  process.stdout.write(`${String(total).padStart(8)}  first load, at most ${MAX_FIRST_LOAD_BYTES}\n`);
  const findings = [];
  if (![...seen].some((file) => /worker/i.test(file))) findings.push("the client's worker was not found in the bundle");
  if (total > MAX_FIRST_LOAD_BYTES) findings.push("the first load is too large");
  reportFindings(findings);
}

function neededBy(source: string): readonly string[] {
  const imports = [...source.matchAll(STATIC_IMPORT)].map((match) => match[1] ?? "");
  const workers = [...source.matchAll(WORKER)].map((match) => match[1] ?? "");
  return [...imports, ...workers.filter((file) => !/service-worker/.test(file))].map((file) =>
    join("assets", basename(file)),
  );
}
