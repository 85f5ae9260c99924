/** A vitest reporter: the reason of every skipped test, then one line with the totals. */
import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";

/** How many tests ended in which way. A file that could not run, an error
 * outside any test, and a test skipped without a reason are one failure each. */
export type Totals = { passed: number; failed: number; skipped: number };

export default class TotalReporter implements Reporter {
  /** With a name pattern, whatever does not match it counts as skipped: expected, and not worth a line each. */
  #byName = false;

  onInit(vitest: Vitest): void {
    this.#byName = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals: Totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      // Where a hook failed, the tests were skipped for that reason, which stands in the report already.
      const explained = this.#byName || hasHookErrors(module);
      for (const test of tests) count(test, totals, explained);
      if (module.state() === "failed" && !tests.some((test) => test.result().state === "failed")) totals.failed += 1;
    }
    const skipped = totals.skipped === 0 ? "" : `, ${String(totals.skipped)} skipped`;
    process.stdout.write(`${String(totals.passed)} passed, ${String(totals.failed)} failed${skipped}\n`);
    const file = process.env["STONECHAT_TOTALS_FILE"];
    if (file !== undefined) writeFileSync(file, JSON.stringify(totals));
  }
}

function count(test: TestCase, totals: Totals, explained: boolean): void {
  const result = test.result();
  switch (result.state) {
    case "passed":
      totals.passed += 1;
      break;
    case "failed":
    case "pending":
      totals.failed += 1;
      break;
    case "skipped": {
      totals.skipped += 1;
      if (explained) break;
      const reason = result.note ?? "";
      if (reason === "") totals.failed += 1;
      const shown = reason === "" ? "NO REASON GIVEN, which counts as a failure" : reason;
      process.stdout.write(`skipped: ${test.module.relativeModuleId}: ${test.fullName}: ${shown}\n`);
      break;
    }
  }
}

function hasHookErrors(module: TestModule): boolean {
  return [module, ...module.children.allSuites()].some((suite) => suite.errors().length > 0);
}
