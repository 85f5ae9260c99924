/**
 * Draws the PNG icons of the app and of its cover from `public/icons/*.svg` with Chromium:
 * `node packages/web/scripts/icons.ts`. Run it after a change of a drawing, and commit what it writes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { launchChromium } from "./launch-chromium.ts";

const icons = resolve(import.meta.dirname, "../public/icons");

const WANTED = [
  { from: "mark.svg", name: "app-192.png", size: 192, inset: 0.06, ground: "transparent" },
  { from: "mark.svg", name: "app-512.png", size: 512, inset: 0.06, ground: "transparent" },
  // A maskable icon's outer tenth may be cut off on each side.
  { from: "mark.svg", name: "maskable-512.png", size: 512, inset: 0.17, ground: "#fbfaf8" },
  { from: "mark.svg", name: "touch-180.png", size: 180, inset: 0.12, ground: "#fbfaf8" },
  { from: "notes.svg", name: "notes-192.png", size: 192, inset: 0.06, ground: "transparent" },
  { from: "notes.svg", name: "notes-512.png", size: 512, inset: 0.06, ground: "transparent" },
  { from: "notes.svg", name: "notes-maskable-512.png", size: 512, inset: 0.17, ground: "#fbfaf8" },
  { from: "notes.svg", name: "notes-180.png", size: 180, inset: 0.12, ground: "#fbfaf8" },
] as const;

const browser = await launchChromium();
try {
  for (const { from, name, size, inset, ground } of WANTED) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const drawing = readFileSync(join(icons, from), "utf8");
    const side = Math.round(size * (1 - 2 * inset));
    await page.setContent(
      `<body style="margin:0;display:grid;place-items:center;block-size:${String(size)}px;background:${ground}"><div style="inline-size:${String(side)}px;block-size:${String(side)}px">${drawing}</div></body>`,
    );
    writeFileSync(join(icons, name), await page.screenshot({ omitBackground: true }));
    await page.close();
  }
} finally {
  await browser.close();
}
