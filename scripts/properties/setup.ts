/**
 * Runs before each test file: gives every property the seed and the effort that the environment asks for. A property
 * with a seed of its own keeps it.
 */
import { fc, test } from "@fast-check/vitest";
import { readSearch } from "./seed.ts";

/** What fast-check runs by default. */
const RUNS = 100;
const TIMEOUT_MS = 20_000;

const { seed, effort } = readSearch(process.env);
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
// Not by a number of runs for all: plain tests would take it for themselves.
if (effort > 1) test.prop = withEffort(test.prop);

/** Properties that say how often they run ask for less than others, not for a limit; those with a seed do. */
function withEffort(prop: typeof test.prop): typeof test.prop {
  const raised = (arbitraries: never, params?: { readonly numRuns?: number; readonly seed?: number }) => {
    if (params?.seed !== undefined) return prop(arbitraries, params);
    const declare = prop(arbitraries, { ...params, numRuns: (params?.numRuns ?? RUNS) * effort });
    return (name: string, run: never, timeout = TIMEOUT_MS): void => {
      declare(name, run, timeout * effort);
    };
  };
  return raised as typeof test.prop;
}
