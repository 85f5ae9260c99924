import { initCrypto, mlsPrimitives, type Random } from "@stonechat/crypto";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { createMls, type Mls } from "../mls/index.ts";
import { createSuite, type Suite } from "../mls/suite.ts";

/** The real MLS on a stage of its own: repeatable randomness, a clock that stands still. */
export interface RealStage {
  readonly mls: Mls;
  readonly random: Random;
  readonly clock: { now: number };
  readonly suite: Suite;
}

export async function realStage(seed: string | number = "mls"): Promise<RealStage> {
  await initCrypto();
  const random = repeatableRandom(seed);
  const clock = { now: 1_790_000_000_000 };
  const primitives = mlsPrimitives(random);
  return { mls: createMls({ primitives, now: () => clock.now }), random, clock, suite: createSuite(primitives) };
}

/** Refuses to go on without a value: tests only. */
export function present<T>(value: T | undefined): T {
  if (value === undefined) throw new RangeError("nothing there");
  return value;
}
