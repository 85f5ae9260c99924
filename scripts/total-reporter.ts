/** A vitest reporter: the reason of every skipped test, a line for each failure, then one line with the totals. */
import { writeFileSync } from "node:fs";
import type { Reporter, TestCase, TestModule, Vitest } from "vitest/node";
import { boundedLines, failureLine, type Failure } from "./failure-line.ts";

/** How many tests ended in which way. A file that could not run, an error
 * outside any test, and a test skipped without a reason are one failure each. */
export type Totals = { passed: number; failed: number; skipped: number; failures: string[] };

export default class TotalReporter implements Reporter {
  /** With a name pattern, whatever does not match it counts as skipped: expected, and not worth a line each. */
  #byName = false;

  onInit(vitest: Vitest): void {
    this.#byName = vitest.config.testNamePattern !== undefined;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: Failure["errors"]): void {
    const totals: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };
    for (const error of unhandledErrors) fail(totals, { name: "outside any test", errors: [error] });
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      const hookErrors = hookErrorsOf(module);
      // Where a hook failed, the tests were skipped for that reason, which stands in the report already.
      const explained = this.#byName || hookErrors.length > 0;
      for (const test of tests) count(test, totals, explained);
      if (module.state() === "failed" && !tests.some((test) => test.result().state === "failed")) {
        fail(totals, { name: module.relativeModuleId, errors: hookErrors });
      }
    }
    const skipped = totals.skipped === 0 ? "" : `, ${String(totals.skipped)} skipped`;
    for (const line of boundedLines(totals.failures)) process.stdout.write(`${line}\n`);
    process.stdout.write(`${String(totals.passed)} passed, ${String(totals.failed)} failed${skipped}\n`);
    const file = process.env["STONECHAT_TOTALS_FILE"];
    if (file !== undefined && file !== "") writeFileSync(file, JSON.stringify(totals));
  }
}

function count(test: TestCase, totals: Totals, explained: boolean): void {
  const result = test.result();
  const name = `${test.module.relativeModuleId} > ${test.fullName}`;
  switch (result.state) {
    case "passed":
      totals.passed += 1;
      break;
    case "failed":
      fail(totals, { name, errors: result.errors });
      break;
    case "pending":
      fail(totals, { name, errors: [{ message: "did not end" }] });
      break;
    case "skipped": {
      totals.skipped += 1;
      if (explained) break;
      const reason = result.note ?? "";
      const shown = reason === "" ? "NO REASON GIVEN, which counts as a failure" : reason;
      process.stdout.write(`skipped: ${test.module.relativeModuleId}: ${test.fullName}: ${shown}\n`);
      if (reason === "") fail(totals, { name, errors: [{ message: "skipped without a reason" }] });
      break;
    }
  }
}

function fail(totals: Totals, failure: Failure): void {
  totals.failed += 1;
  totals.failures.push(failureLine(failure));
}

function hookErrorsOf(module: TestModule): Failure["errors"] {
  return [module, ...module.children.allSuites()].flatMap((suite) => suite.errors());
}
