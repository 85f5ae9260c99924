/** The end of what `npm run check` prints: all of it that is kept where a long output is cut. */
import { boundedLines } from "./failure-line.ts";
import type { Totals } from "./total-reporter.ts";

/** What the steps and the tests came to. `failed` names the steps. */
export type CheckResults = {
  readonly passedSteps: number;
  readonly failedSteps: readonly string[];
  readonly tests: Totals;
};

/** Each failed test and step by name, the totals of both, and as the last line `N passed, N failed`. */
export function checkReport({ passedSteps, failedSteps, tests }: CheckResults): string {
  // The step of the tests failed because they did: they are counted, not it.
  const counted = failedSteps.filter((name) => name !== "tests" || tests.failed === 0).length;
  return [
    "",
    ...boundedLines(tests.failures),
    `checks: ${String(passedSteps)} passed, ${String(failedSteps.length)} failed`,
    `tests:  ${String(tests.passed)} passed, ${String(tests.failed)} failed, ${String(tests.skipped)} skipped`,
    ...(failedSteps.length > 0 ? [`failed: ${failedSteps.join(", ")}`] : []),
    `${String(passedSteps + tests.passed)} passed, ${String(counted + tests.failed)} failed`,
    "",
  ].join("\n");
}
