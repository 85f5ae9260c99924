import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { root } from "./processes.ts";

interface AxeFinding {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Where pictures are kept for people to look at; git ignores it. */
const pictures = join(root, "e2e/screenshots");
/** With `STONECHAT_E2E_SCREENS=all` every screen is drawn in every look and kept as a picture. */
export const keepsPictures = process.env["STONECHAT_E2E_SCREENS"] === "all";

/** What is wrong with the page as it is now: what axe finds, and what sticks out of the window. */
export async function inspect(page: Page, name: string): Promise<readonly string[]> {
  await settle(page);
  if (keepsPictures) {
    mkdirSync(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`) });
  }
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe);
  const findings = await page.evaluate(async () => {
    const loaded = (globalThis as unknown as { axe: { run(): Promise<{ violations: AxeFinding[] }> } }).axe;
    return (await loaded.run()).violations;
  });
  const sticksOut = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return undefined;
    const widest = [...document.querySelectorAll("body *")].map((element) => {
      const { left, right } = element.getBoundingClientRect();
      return {
        what: `${element.localName} ${element.getAttribute("class") ?? ""}`,
        by: Math.max(-left, right - clientWidth),
      };
    });
    return widest.sort((one, other) => other.by - one.by)[0];
  });
  return [
    ...findings.map(({ id, nodes }) => `${name}: axe: ${id}: ${nodes.map(describe).join(" ;; ")}`),
    ...(sticksOut === undefined ? [] : [`${name}: sticks out of the window by ${sticksOut.by} px: ${sticksOut.what}`]),
  ];
}

/** Colours in motion have no fair contrast: waits until everything that ends by itself has ended. */
async function settle(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const endless = (animation: Animation): boolean => animation.effect?.getComputedTiming().endTime === Infinity;
    const running = document.getAnimations().filter((animation) => !endless(animation));
    await Promise.allSettled(running.map(({ finished }) => finished));
    await document.fonts.ready;
  });
}

function describe({ html, failureSummary }: AxeFinding["nodes"][number]): string {
  return `${html.slice(0, 140)} ${failureSummary?.split("\n")[1] ?? ""}`;
}
