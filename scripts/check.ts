/**
 * `npm run check [-- STEP…]`: what continuous integration runs, or the named steps of it. Every step runs even if an
 * earlier one failed; the last line is the total of steps and tests.
 */
import { buildWeb } from "./build-web.ts";
import { checkReport } from "./check-report.ts";
import { runTests } from "./run-tests.ts";
import { finished, startNode } from "./subprocess.ts";
import type { Totals } from "./total-reporter.ts";

/** What a step came to. `output` is shown only if it failed. */
type StepResult = { readonly ok: boolean; readonly output: string };
type Step = { readonly name: string; readonly run: () => Promise<StepResult> };

const PARALLEL_STEPS = 2;
const TYPE_PROJECTS = [".", "packages/protocol", "packages/crypto", "packages/core", "packages/web", "e2e"];
const IMPORT_ROOTS = ["packages", "scripts", "e2e", "bench"];

const bin = {
  prettier: "node_modules/prettier/bin/prettier.cjs",
  eslint: "node_modules/eslint/bin/eslint.js",
  tsc: "node_modules/typescript/bin/tsc",
  depcruise: "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs",
  knip: "node_modules/knip/bin/knip.js",
};

/** The longest first, so that two at a time end soonest. */
const STATIC_STEPS: readonly Step[] = [
  program("lint", [bin.eslint, "--max-warnings=0", "."]),
  { name: "bundle", run: checkBundle },
  program("format", [bin.prettier, "--check", "--log-level=warn", "."]),
  ...TYPE_PROJECTS.map((project) => program(`types ${project}`, [bin.tsc, "--pretty", "false", "-p", project])),
  program("imports", [bin.depcruise, "--config", ".dependency-cruiser.mjs", ...IMPORT_ROOTS]),
  program("unused code", [bin.knip, "--no-progress"]),
  program("documents", ["scripts/check-docs.ts"]),
  program("committed text", ["scripts/check-committed-text.ts"]),
];

const NO_TESTS: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };

const chosen = process.argv.slice(2);
const wanted = (name: string) => chosen.length === 0 || chosen.some((prefix) => name.startsWith(prefix));
const failures: string[] = [];
let passedSteps = 0;

await runSteps(STATIC_STEPS.filter((step) => wanted(step.name)));
const totals = wanted("tests") ? await checkTests() : NO_TESTS;
process.stdout.write(checkReport({ passedSteps, failedSteps: failures, tests: totals }));
process.exitCode = failures.length === 0 ? 0 : 1;

/** A step that is one of our programs or tools: it fails if the program does. */
function program(name: string, args: readonly string[]): Step {
  return { name, run: async () => finished(startNode(args, { output: "keep" })) };
}

async function checkBundle(): Promise<StepResult> {
  if (!(await buildWeb())) return { ok: false, output: "the web app does not build" };
  const results = [
    await finished(startNode(["scripts/check-bundle.ts"], { output: "keep" })),
    await finished(startNode(["scripts/check-dependencies.ts"], { output: "keep" })),
  ];
  return { ok: results.every(({ ok }) => ok), output: results.map(({ output }) => output).join("\n") };
}

async function runSteps(steps: readonly Step[]): Promise<void> {
  const waiting = [...steps];
  const worker = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) await runStep(step);
  };
  await Promise.all(Array.from({ length: PARALLEL_STEPS }, worker));
}

async function runStep(step: Step): Promise<void> {
  const startedAt = performance.now();
  const { ok, output } = await step.run();
  finishStep(step.name, ok, startedAt);
  if (!ok) process.stdout.write(`${output}\n\n`);
}

async function checkTests(): Promise<Totals> {
  const startedAt = performance.now();
  const built = await buildWeb(); // does nothing if a step before did it
  const { ok, totals } = await runTests([]);
  finishStep("tests", built && ok, startedAt);
  return totals ?? NO_TESTS;
}

function finishStep(name: string, ok: boolean, startedAt: number): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stdout.write(`${ok ? "ok    " : "FAILED"} ${name.padEnd(20)} ${seconds.padStart(7)} s\n`);
  if (ok) passedSteps += 1;
  else failures.push(name);
}
