import type { SeededFractions } from "@stonechat/testkit/seeded-fractions";

/** Above this a Poisson count is near enough to a normal one. */
const NORMAL_ABOVE = 50;
/** The largest of 3,600 standard normal values, nearly always: how far the busiest second of an hour lies out. */
const BUSIEST_OF_AN_HOUR = 3.5;

/** How many things happen where `mean` are expected and each is independent of the others. */
export function poisson(mean: number, random: SeededFractions): number {
  if (mean <= 0) return 0;
  if (mean > NORMAL_ABOVE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let count = -1;
  for (let left = 1, end = Math.exp(-mean); left > end; left *= random()) count += 1;
  return count;
}

/**
 * By what a second's rate differs from the mean of its hour, since people act together: log-normal, mean 1, so wide that
 * the busiest of an hour's seconds is about `busiest`.
 */
export function secondsMood(busiest: number, random: SeededFractions): number {
  const width = Math.log(busiest) / BUSIEST_OF_AN_HOUR;
  return Math.exp(width * normal(random) - width ** 2 / 2);
}

/** Box and Muller's transform. */
function normal(random: SeededFractions): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
