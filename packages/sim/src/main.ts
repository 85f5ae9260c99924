import { parseArgs } from "node:util";
import { Counters } from "./counters.ts";
import { runSeed, type RunResult } from "./run.ts";

// `… | head` may leave before the end.
process.stdout.on("error", () => process.exit(0));

const USAGE = `npm run sim -- --seed N [--runs COUNT] [--real] [--hostile] [--vault] [--verbose]

Replays simulated networks exactly. Without --seed: ten seeds from 1 on.`;

/** Shows one run's result. */
function print({ seed, failures, events, messages, traceHash }: RunResult): void {
  process.stdout.write(
    `seed ${String(seed)}: ${failures.length === 0 ? "good" : "FAILED"}, ${String(events)} events, ${String(messages)} messages, trace ${traceHash.slice(0, 16)}\n`,
  );
  for (const failure of failures) process.stdout.write(`  ${failure}\n`);
}

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    runs: { type: "string" },
    real: { type: "boolean", default: false },
    hostile: { type: "boolean", default: false },
    vault: { type: "boolean", default: false },
    verbose: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed ?? 1);
const runs = Number(values.runs ?? (values.seed === undefined ? 10 : 1));
if (values.help || !Number.isSafeInteger(seed) || !Number.isSafeInteger(runs)) {
  process.stdout.write(`${USAGE}\n`);
  process.exitCode = values.help ? 0 : 2;
} else {
  const counters = new Counters();
  const failed: number[] = [];
  for (let at = seed; at < seed + runs; at += 1) {
    const result = await runSeed({
      seed: at,
      mls: values.real ? "real" : "fake",
      hostile: values.hostile,
      storage: values.vault ? "vault" : "plain",
      ...(values.verbose
        ? {
            observe: (line: string) => {
              process.stdout.write(`${line}\n`);
            },
          }
        : {}),
    });
    counters.addAll(result.counters);
    if (result.failures.length > 0) failed.push(at);
    if (runs < 50 || result.failures.length > 0) print(result);
  }
  process.stdout.write(
    `${String(runs)} runs, ${String(failed.length)} failed${failed.length > 0 ? `: ${failed.join(" ")}` : ""}\n${counters.toLines().join("\n")}\n`,
  );
  process.exitCode = failed.length > 0 ? 1 : 0;
}
