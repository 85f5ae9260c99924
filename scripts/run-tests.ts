/** Running vitest with our total at the end. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished, startNode } from "./subprocess.ts";
import type { Totals } from "./total-reporter.ts";

/** How the tests ended. `totals` is undefined if vitest could not even start. */
export type TestOutcome = { readonly ok: boolean; readonly totals: Totals | undefined };

/** Runs the tests that vitest's arguments choose, all of them without any, and shows its output. */
export async function runTests(args: readonly string[]): Promise<TestOutcome> {
  const folder = mkdtempSync(join(tmpdir(), "stonechat-tests-"));
  const totalsFile = join(folder, "totals.json");
  const reporters = ["--reporter=default", "--reporter=./scripts/total-reporter.ts"];
  try {
    const vitest = startNode(["node_modules/vitest/vitest.mjs", "run", ...reporters, ...args], {
      env: { STONECHAT_TOTALS_FILE: totalsFile },
      output: "show",
    });
    const { ok } = await finished(vitest);
    if (!existsSync(totalsFile)) return { ok: false, totals: undefined };
    const totals = JSON.parse(readFileSync(totalsFile, "utf8")) as Totals;
    return { ok: ok && totals.failed === 0, totals };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
