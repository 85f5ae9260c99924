/**
 * `npm run fuzz [-- ARGS]`: the property tests of every package, or those that the arguments for vitest choose, with a
 * fresh seed and many more runs. STONECHAT_SEED repeats a search; STONECHAT_EFFORT says how many times the usual runs.
 */
import { randomInt } from "node:crypto";
import { EFFORT_VARIABLE, readSearch, SEED_VARIABLE } from "./properties/seed.ts";
import { runTests } from "./run-tests.ts";

const EFFORT = 20;
const MAX_SEED = 2 ** 31;
/** What the title of every property ends with. */
const TITLES = "with seed=";

process.env[SEED_VARIABLE] ??= String(randomInt(MAX_SEED));
process.env[EFFORT_VARIABLE] ??= String(EFFORT);
const { seed, effort } = readSearch(process.env);
const search = `${SEED_VARIABLE}=${String(seed)} ${EFFORT_VARIABLE}=${String(effort)}`;
process.stdout.write(`${search} npm run fuzz repeats this search.\n`);

const { ok } = await runTests(["--project=!e2e", "--project=!scripts", "-t", TITLES, ...process.argv.slice(2)]);
if (!ok) process.stdout.write(`failed with ${search}\n`);
process.exitCode = ok ? 0 : 1;
