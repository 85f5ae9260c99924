import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
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
const NAME_FIELD = "main form input";
/** Both stand on the screen that lists conversations, and on none before. */
const LIST = "nav, [role=navigation], aside, [role=grid], [role=listbox]";

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
        fresh.push(await visit(profile, relay.url, NAME_FIELD, createAccount));
        known.push(await visit(profile, relay.url, LIST));
      } finally {
        rmSync(profile, { recursive: true, force: true });
      }
    }
    return [
      { what: "cold load: first paint", measured: medianOf(fresh, "firstPaint"), unit: "ms" },
      {
        what: "cold load: usable (name can be typed)",
        measured: medianOf(fresh, "usable"),
        unit: "ms",
        target: { of: "measured", atMost: 1500 },
      },
      { what: "known account, browser restarted: first paint", measured: medianOf(known, "firstPaint"), unit: "ms" },
      {
        what: "known account, browser restarted: conversations shown",
        measured: medianOf(known, "usable"),
        unit: "ms",
      },
      {
        what: "JavaScript of the first load, brotli",
        measured: brotliBytes(fresh[0]?.scripts ?? new Set()) / 1000,
        unit: "kB",
        target: { of: "measured", atMost: 350 },
      },
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
      if (pathname.endsWith(".js") && !pathname.endsWith("service-worker.js")) scripts.add(pathname);
    });
    await page.goto(url, { waitUntil: "commit" });
    const shownAt = await page.waitForFunction(shown, usable, { polling: "raf", timeout: PATIENCE_MS });
    const usableAt = Number(await shownAt.jsonValue());
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

/** Runs in the page: now, if the element is there, visible and enabled. */
function shown(selector: string): number | false {
  const found = document.querySelector(selector);
  const ready = found !== null && found.checkVisibility() && !found.matches(":disabled");
  return ready ? performance.now() : false;
}

async function createAccount(page: Page): Promise<void> {
  await page.locator(NAME_FIELD).first().fill("Ada");
  await page.locator("main form button[type=submit]").click();
  await page.locator(LIST).first().waitFor({ timeout: PATIENCE_MS });
}

/** As the relay sends it: the file that the build compressed, or the same done here. */
function brotliBytes(paths: ReadonlySet<string>): number {
  let total = 0;
  for (const path of paths) {
    const file = join(DIST, path);
    total += existsSync(`${file}.br`)
      ? readFileSync(`${file}.br`).length
      : brotliCompressSync(readFileSync(file)).length;
  }
  return total;
}

function medianOf(visits: readonly Visit[], what: "firstPaint" | "usable"): number {
  return median(visits.map((one) => one[what]));
}
