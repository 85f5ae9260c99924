export { Counters, SOMETIMES, type Sometimes } from "./counters.ts";
export { runSeed, type RunOptions, type RunResult } from "./run.ts";
