import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto } from "@stonechat/core";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import english from "../packages/web/src/locales/en.json" with { type: "json" };
import { startLocalGuards } from "../scripts/local-guards.ts";
import { median } from "./percentiles.ts";
import { startRelayChild } from "./relay/relay-child.ts";
import type { Row } from "./row.ts";
import { vaultCodeRows } from "./vault-code.ts";
import { seedVault, type SeededVault } from "./vault-seed.ts";

const MESSAGES = 100_000;
const ROUNDS = 9;
/** Nobody types six digits faster. */
const TYPING_MS = 1_000;
const PATIENCE_MS = 120_000;
const SHOWN = 50;
/** The app draws what is in view: so high that all of them are. */
const VIEWPORT = { width: 1280, height: 4000 };
const ASSETS = join(import.meta.dirname, "../packages/web/dist/assets");
const FLAGS = [
  ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** Milliseconds from the key that ends the PIN. */
interface Opening {
  /** The list of conversations is drawn. */
  readonly list: number;
  /** Its first conversation was chosen, and so many messages of it are drawn. */
  readonly messages: number;
}

/** From the PIN to the newest messages on the screen: the built app in Chromium, a relay and three guards on loopback. */
export async function benchVaultScreen(): Promise<Row[]> {
  await initCrypto();
  if (!existsSync(ASSETS)) throw new RangeError("the web app is not built: npm run build");
  const folder = mkdtempSync(join(tmpdir(), "stonechat-bench-screen-"));
  const guards = await startLocalGuards(join(folder, "guards"));
  const relay = await startRelayChild([], { guards: guards.listFile });
  try {
    const few = await measure(join(folder, "few"), relay.url, await seedVault(relay.url, SHOWN));
    const many = await measure(join(folder, "many"), relay.url, await seedVault(relay.url, MESSAGES));
    const present = MESSAGES.toLocaleString("en");
    const beside = (what: keyof Opening): NonNullable<Row["baseline"]> => ({
      what: "50 messages in all",
      value: medianOf(few, what),
    });
    return [
      {
        what: `PIN to the newest ${String(SHOWN)} messages on screen, 3 loopback guards, Chromium, ${present} messages`,
        measured: medianOf(many, "messages"),
        unit: "ms",
        baseline: beside("messages"),
        target: { of: "measured", atMost: 800 },
      },
      {
        what: "of it: PIN to the list of conversations",
        measured: medianOf(many, "list"),
        unit: "ms",
        baseline: beside("list"),
      },
      ...(await vaultCodeRows(join(folder, "code"))),
    ];
  } finally {
    await relay.stop();
    await guards.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(profile: string, url: string, vault: SeededVault): Promise<readonly Opening[]> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: FLAGS,
    viewport: VIEWPORT,
  });
  try {
    await restore(context, url, vault);
    const openings: Opening[] = [];
    for (let round = 0; round < ROUNDS; round += 1) openings.push(await unlockOnce(context, url, vault));
    return openings;
  } finally {
    await context.close();
  }
}

/** Brings the vault into the browser, as after a journey. */
async function restore(context: BrowserContext, url: string, { words }: SeededVault): Promise<void> {
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url);
  await page.getByRole("button", { name: english["setup.have-code"] }).click();
  await page.getByRole("textbox", { name: english["restore.travel-words"] }).fill(words);
  await page.getByRole("button", { name: english["restore.travel-do"] }).click();
  await page.getByRole("heading", { name: english["lock.title"] }).waitFor();
}

/** A page that was just loaded, locked, is unlocked, and the first conversation of the list is chosen at once. */
async function unlockOnce(context: BrowserContext, url: string, { pin, newest }: SeededVault): Promise<Opening> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  for (const other of context.pages()) if (other !== page) await other.close();
  await page.goto(url);
  const field = page.locator('input[type="password"]');
  await field.waitFor();
  await page.waitForTimeout(TYPING_MS);
  await field.fill(pin);
  await watch(page);
  await field.press("Enter");
  const opening = await page.evaluate<Opening>("globalThis.opening"); // what `watch` put there
  await page.getByRole("article", { name: newest }).last().waitFor();
  // The renewal that follows is no part of it, but must not fall into the next one.
  await page.waitForTimeout(TYPING_MS);
  return opening;
}

/** As text, for this project has no types of the browser. Two frames after a change, it has been drawn. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(`{
    let start, list;
    addEventListener("keydown", (event) => { if (event.key === "Enter") start ??= performance.now(); }, true);
    globalThis.opening = new Promise((resolve) => {
      const drawn = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
      const look = () => {
        const line = document.querySelector("nav li a");
        if (list === undefined && line !== null) {
          list = 0;
          drawn(() => { list = performance.now() - start; });
          line.click();
        }
        if (document.querySelectorAll('[role="log"] article').length < ${String(SHOWN)}) return;
        observer.disconnect();
        drawn(() => { resolve({ list, messages: performance.now() - start }); });
      };
      const observer = new MutationObserver(look);
      observer.observe(document.body, { childList: true, subtree: true });
    });
    undefined;
  }`);
}

function medianOf(openings: readonly Opening[], what: keyof Opening): number {
  return median(openings.map((one) => one[what]));
}
