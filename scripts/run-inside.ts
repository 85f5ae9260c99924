/** For tests of our tools: vitest on files that are made for it, with our reporter. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished, startNode } from "./subprocess.ts";
import { root } from "./workspace.ts";

/** Where what the files import is found, and nothing is committed. */
const CACHE = join(root, ".cache");

/** Runs these test files, as JavaScript by name, and returns the lines that were printed. */
export async function runInside(
  files: Readonly<Record<string, string>>,
  options: { readonly setupFiles?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<readonly string[]> {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, "inside-"));
  try {
    // A configuration of its own, or that of the clone would be found.
    const config = `export default { test: { setupFiles: ${JSON.stringify(options.setupFiles ?? [])} } };`;
    const all = { ...files, "vitest.config.js": config };
    for (const [name, text] of Object.entries(all)) writeFileSync(join(folder, name), text);
    const args = ["run", "--root", folder, `--reporter=${join(root, "scripts/total-reporter.ts")}`];
    const vitest = startNode([join(root, "node_modules/vitest/vitest.mjs"), ...args], {
      output: "keep",
      env: { STONECHAT_TOTALS_FILE: "", ...options.env },
    });
    return (await finished(vitest)).output.split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
