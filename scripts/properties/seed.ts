/** How property tests search: from which seed, and how long. Chosen by the environment, so that workers know it too. */

/** Names of the two choices. */
export const SEED_VARIABLE = "STONECHAT_SEED";
export const EFFORT_VARIABLE = "STONECHAT_EFFORT";

const FIXED_SEED = 1;
/** What fast-check takes: a signed integer of 32 bits. */
const SEEDS = { min: -(2 ** 31), max: 2 ** 31 - 1 };
const MAX_EFFORT = 10_000;

/** `effort` multiplies the runs of every property, and the time that it may take. */
export type Search = { readonly seed: number; readonly effort: number };

/**
 * The search that the environment asks for. Without one it is the same each time, so that a test fails for its change
 * and not by chance; `npm run fuzz` is what finds the rest.
 *
 * @throws RangeError if a variable holds something else than a whole number in its range.
 */
export function readSearch(env: NodeJS.ProcessEnv): Search {
  return {
    seed: readInteger(env, SEED_VARIABLE, FIXED_SEED, SEEDS),
    effort: readInteger(env, EFFORT_VARIABLE, 1, { min: 1, max: MAX_EFFORT }),
  };
}

function readInteger(
  env: NodeJS.ProcessEnv,
  name: string,
  otherwise: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const text = env[name] ?? "";
  if (text === "") return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${String(min)} to ${String(max)}`);
  }
  return value;
}
