import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
import english from "../packages/web/src/locales/en.json" with { type: "json" };
import { median } from "./percentiles.ts";
import { startRelayChild } from "./relay/relay-child.ts";
import type { Row } from "./row.ts";

const ROUNDS = 5;
const PATIENCE_MS = 30_000;
const DIST = join(import.meta.dirname, "../packages/web/dist");
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];
/** `\\0asm` and what follows. */
const WASM_IN_BASE64 = /AGFzbQ[A-Za-z0-9+/]{1000,}=*/g;
/** The first button of a fresh profile. */
const BEGIN = "main button:enabled";
const LOCK_FIELD = 'input[type="password"]:enabled';

/** One opening of the page; times in milliseconds from the start of navigation. */
interface Visit {
  readonly firstPaint: number;
  readonly usable: number;
  /** Paths of the scripts that it loaded, those of the worker too. */
  readonly scripts: ReadonlySet<string>;
}

/** The built app, served by the real relay, in Chromium with an empty profile, and once more with an account. */
export async function benchPage(): Promise<Row[]> {
  if (!existsSync(join(DIST, "index.html"))) throw new RangeError("the web app is not built: npm run build");
  const relay = await startRelayChild();
  try {
    const [fresh, known]: [Visit[], Visit[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const profile = mkdtempSync(join(tmpdir(), "stonechat-bench-page-"));
      try {
        fresh.push(await visit(profile, relay.url, BEGIN, createAccount));
        known.push(await visit(profile, relay.url, LOCK_FIELD));
      } finally {
        rmSync(profile, { recursive: true, force: true });
      }
    }
    return [
      { what: "cold load: first paint", measured: medianOf(fresh, "firstPaint"), unit: "ms" },
      {
        what: "cold load: usable (one can begin)",
        measured: medianOf(fresh, "usable"),
        unit: "ms",
        target: { of: "measured", atMost: 1500 },
      },
      { what: "known account, browser restarted: first paint", measured: medianOf(known, "firstPaint"), unit: "ms" },
      {
        what: "known account, browser restarted: its secret can be typed",
        measured: medianOf(known, "usable"),
        unit: "ms",
      },
      ...sizeRows(fresh[0]?.scripts ?? new Set()),
    ];
  } finally {
    await relay.stop();
  }
}

/** Starts Chromium on the profile, opens the page, waits for `usable` and goes on with `then`. */
async function visit(
  profile: string,
  url: string,
  usable: string,
  then?: (page: Page) => Promise<void>,
): Promise<Visit> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const scripts = new Set<string>();
    context.on("request", (request) => {
      const { pathname } = new URL(request.url());
      // What the service worker puts by for times without network is no part of what this visit waits for.
      if (pathname.endsWith(".js") && request.serviceWorker() === null) scripts.add(pathname);
    });
    await page.goto(url, { waitUntil: "commit" });
    await page.locator(usable).first().waitFor({ timeout: PATIENCE_MS });
    const usableAt = await page.evaluate(() => performance.now());
    const firstPaint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
    );
    const loaded = new Set(scripts);
    await then?.(page);
    return { firstPaint, usable: usableAt, scripts: loaded };
  } finally {
    await context.close();
  }
}

/** As a person does on a relay without guards: with the passphrase that the app proposes. */
async function createAccount(page: Page): Promise<void> {
  page.setDefaultTimeout(PATIENCE_MS);
  await page.getByRole("button", { name: english["setup.begin"] }).click();
  const proposed = page.locator("output").filter({ hasText: /\w/ });
  await page.getByLabel(english["secret.again"]).fill((await proposed.innerText()).trim());
  await page.getByRole("button", { name: english["setup.make"] }).click();
  await page.getByLabel(english["welcome.name"]).fill("Ada");
  await page.getByRole("button", { name: english["welcome.create"], exact: true }).click();
  await page.getByText(english["list.empty-title"]).waitFor();
}

/** Libraries carry WASM inside their JavaScript, too, as base64: it is counted in the second row only. */
function sizeRows(paths: ReadonlySet<string>): Row[] {
  const sources = [...paths].map((path) => join(DIST, path)).filter((file) => existsSync(file));
  const total = (toBytes: (file: string) => Uint8Array): number =>
    sources.reduce((sum, file) => sum + toBytes(file).length, 0) / 1000;
  const withoutWasm = total((file) => brotliCompressSync(readFileSync(file, "utf8").replace(WASM_IN_BASE64, "")));
  const withWasm = total((file) => brotliCompressSync(readFileSync(file)));
  return [
    {
      what: "JavaScript of the first load, brotli, without WASM",
      measured: withoutWasm,
      unit: "kB",
      target: { of: "measured", atMost: 350 },
    },
    { what: "JavaScript of the first load, brotli, with the WASM inside it", measured: withWasm, unit: "kB" },
  ];
}

function medianOf(visits: readonly Visit[], what: "firstPaint" | "usable"): number {
  return median(visits.map((one) => one[what]));
}
