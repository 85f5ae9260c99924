/**
 * Draws every screen of the fixtures build at two widths, in light and dark, English and Arabic, and looks at each with
 * axe. Fails on any finding of axe, any error in the console and any report of the page's policy.
 *
 * `node packages/web/scripts/screenshots.ts [--only NAME] [--width 390] [--theme dark] [--lang ar] [--no-axe]`
 */
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { launchChromium } from "./launch-chromium.ts";
import { SCREENS } from "./screens.ts";
import type { Screen, Texts } from "./screen.ts";
import { serveFolder } from "./serve-folder.ts";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    width: { type: "string" },
    theme: { type: "string" },
    lang: { type: "string" },
    "no-axe": { type: "boolean" },
  },
});
const web = resolve(import.meta.dirname, "..");
const folder = join(web, "../../.cache/web-screenshots");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Look {
  readonly width: number;
  readonly theme: "light" | "dark";
  readonly lang: "en" | "ar";
}
interface AxeFinding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

mkdirSync(folder, { recursive: true });
await build({ configFile: join(web, "vite.config.ts"), mode: "fixtures", logLevel: "warn" });
const { url, server } = await serveFolder(join(web, "../../.cache/web-fixtures"));
const browser = await launchChromium();
const failures: string[] = [];
let drawn = 0;
try {
  for (const look of looks()) {
    for (const screen of SCREENS) {
      if (options.only !== undefined && !screen.name.includes(options.only)) continue;
      failures.push(...(await draw(browser, screen, look)));
      drawn += 1;
    }
  }
} finally {
  await browser.close();
  server.close();
}
for (const failure of failures) console.log(failure);
console.log(`${String(drawn)} screens drawn, ${String(failures.length)} findings`);
process.exitCode = failures.length > 0 ? 1 : 0;

function looks(): readonly Look[] {
  return [390, 1280]
    .flatMap((width) =>
      (["light", "dark"] as const).flatMap((theme) => (["en", "ar"] as const).map((lang) => ({ width, theme, lang }))),
    )
    .filter(
      ({ width, theme, lang }) =>
        matches(options.width, String(width)) && matches(options.theme, theme) && matches(options.lang, lang),
    );
}

function matches(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

async function draw(chromium: Browser, screen: Screen, { width, theme, lang }: Look): Promise<readonly string[]> {
  const name = `${screen.name}-${String(width)}-${theme}-${lang}`;
  const found: string[] = [];
  const context = await chromium.newContext({
    viewport: { width, height: width < 600 ? 844 : 800 },
    colorScheme: theme,
    locale: lang === "ar" ? "ar-EG" : "en-GB",
    serviceWorkers: "block",
    deviceScaleFactor: width < 600 ? 2 : 1,
    permissions: ["clipboard-write"],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") found.push(`${name}: console: ${message.text()}`);
  });
  page.on("pageerror", (error) => {
    found.push(`${name}: page error: ${error.message}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith("blob:"))
      found.push(`${name}: request to ${request.url()}`);
  });
  try {
    if (screen.clock === true) await page.clock.install();
    await page.goto(`${url}/${screen.path}`);
    await page.locator("h1, h2").first().waitFor();
    await page.waitForTimeout(250);
    await screen.prepare?.(page, readTexts(lang));
    await page.waitForTimeout(350);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    if (options["no-axe"] !== true && screen.printed !== true)
      found.push(...(await inspect(page)).map((text) => `${name}: axe: ${text}`));
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    if (overflow) found.push(`${name}: wider than the window`);
  } catch (error) {
    await page.screenshot({ path: join(folder, `${name}.png`) }).catch(() => undefined);
    found.push(`${name}: ${error instanceof Error ? error.message.split("\n").slice(0, 6).join(" | ") : "failed"}`);
  }
  await context.close();
  return found;
}

async function inspect(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  const findings = await page.evaluate(async () => {
    const { axe: loaded } = globalThis as unknown as { axe: { run(): Promise<{ violations: AxeFinding[] }> } };
    return (await loaded.run()).violations;
  });
  return findings.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary?.split("\n")[1] ?? ""}`)
        .join(" ;; ")}`,
  );
}

function readTexts(lang: string): Texts {
  return JSON.parse(readFileSync(join(web, `src/locales/${lang}.json`), "utf8")) as Texts;
}
