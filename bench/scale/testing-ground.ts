import type { UnitCosts } from "./costs.ts";
import { PROFILE, type Machine } from "./profile.ts";
import type { Ground } from "./systems.ts";

const even = (micros: number): { readonly main: number; readonly all: number } => ({ main: micros, all: micros });

/** Round figures, so that tests can be reckoned by hand. */
const COSTS: UnitCosts = {
  one: {
    ...{ append: even(30), push: even(5), connect: even(100), subscribe: even(10), idleSecond: even(1) },
    ...{ connectionBytes: 8000, subscriptionBytes: 1000, logBytes: 1000, entryBytes: 40, entryDiskBytes: 50 },
    syncMs: { p50: 1, p99: 5 },
  },
  fronts: {
    ...{ frontEntry: even(60), hubEntry: even(40), hubTold: even(2), frontTold: even(3) },
    ...{ hubSubscribe: even(10), frontSubscribe: even(20) },
  },
  cluster: {
    ...{ relayEntry: even(50), heard: even(8), decode: 2, subscribe: even(30), row: 30, batch: 500, look: 10 },
    ...{
      change: 0.2,
      natsEntry: 6,
      natsSingle: 24,
      natsInterestBytes: 300,
      walBytes: 1500,
      diskBytes: 1400,
      batchMs: 4,
    },
  },
};

/** A machine that is never the limit but by its threads. */
const MACHINE: Machine = {
  ...{ cores: 32, threadShare: 1, memoryBytes: 2 ** 37, networkBytesPerSecond: 1e10, diskBytesPerSecond: 1e10 },
  ...{ syncMs: 1, openFiles: 1e6 },
};

/** What tests of the plan stand on: the profile as it is, and costs of no real machine. */
export const GROUND: Ground = { profile: PROFILE, costs: COSTS, machine: MACHINE };
