import { Generator, type LoadResult } from "../relay/load/generator.ts";
import type { Target } from "../relay/load/orders.ts";
import { placeOf, startRelayChild } from "../relay/relay-child.ts";
import { BODY_BYTES } from "../relay/scale.ts";
import type { Row } from "../row.ts";
import { startCluster } from "./measure/cluster.ts";
import { costsOf } from "./measure/processor-time.ts";
import type { Machine, Profile } from "./profile.ts";
import { simulate } from "./simulation/simulate.ts";
import type { System } from "./simulation/system.ts";
import { cluster, DATABASE_SHARE, oneProcess, THREAD, UNEVEN, type Ground } from "./systems.ts";

const SECONDS = 5;
const WARM_UP_SECONDS = 2;
const TICK_SECONDS = 0.001;
const FILL_TICKS = 1000;
const TICKS = 6000;
const RELAYS = 3;
/** Many who have one or two messages under way, so that none shares a read of its socket with others. */
const [PAIRS, WINDOW] = [1000, 2];
/** What the simulation says is good for a plan if it is this near. */
const NEAR = 1.3;

/** The load of the bench: pairs with one device each, that do nothing but write to each other. */
export function pairsProfile(profile: Profile): Profile {
  return {
    ...profile,
    ...{ devicesPerPerson: 1, onlineAtPeak: 1, conversations: [{ name: "pairs", shareOfMessages: 1, members: 2 }] },
    ...{ maxMembersForReceipts: 0, ownGroupEntriesPerPersonDay: 0, commitsPerDeviceDay: 0, blobsPerPersonDay: 0 },
    ...{ messageBytes: BODY_BYTES, logsFollowedPerDevice: 1 },
  };
}

/** Entries a second that a system passes on while so many are always under way. */
export function closedLoopRate(system: System, underWay: number): number {
  const outcome = simulate(system, {
    ...{ tickSeconds: TICK_SECONDS, ticks: TICKS, countFrom: FILL_TICKS },
    arrive: (route, _, now) => (route === "entries" ? Math.max(0, underWay - now) : 0),
  });
  // What arrived before counting began has ended in its place.
  return (outcome.ended.get("entries")?.items ?? 0) / ((TICKS - FILL_TICKS) * TICK_SECONDS);
}

/** The simulation beside the real thing: the closed loop of the bench, with the processor that each process really got. */
export async function validate(ground: Ground, store: string, withCluster: boolean): Promise<Row[]> {
  const profile = pairsProfile(ground.profile);
  const rows = [await validateOne({ ...ground, profile }, store)];
  if (withCluster) rows.push(await validateCluster({ ...ground, profile }));
  return rows;
}

async function validateOne(ground: Ground, store: string): Promise<Row> {
  const relay = await startRelayChild([], store === "usual" ? {} : { store });
  try {
    const { result, cores } = await loaded(relay.target, [[relay.pid]], ({ main }) => main);
    const machine: Machine = { ...ground.machine, threadShare: cores[0] ?? NaN, syncMs: ground.costs.one.syncMs.p50 };
    const simulated = closedLoopRate(oneProcess(2 * PAIRS, { ...ground, machine }), PAIRS * WINDOW);
    return row("one process", simulated, result);
  } finally {
    await relay.stop();
  }
}

async function validateCluster(ground: Ground): Promise<Row> {
  await using running = await startCluster();
  const relays = running.relays.map(({ pid }) => pid);
  const target: Target = { type: "relay", places: running.relays.map(({ url }) => placeOf(url)) };
  const { result, cores } = await loaded(target, [relays, running.postgres()], ({ main, all }, group) =>
    group === 0 ? main : all,
  );
  const [relayCores = NaN, databaseCores = NaN] = cores;
  const machine: Machine = {
    ...ground.machine,
    ...{ threadShare: (relayCores * UNEVEN) / RELAYS, cores: databaseCores / DATABASE_SHARE },
    syncMs: ground.costs.one.syncMs.p50,
  };
  const shape = { relays: RELAYS, databases: 1, natsServers: 1, telling: "everything" } as const;
  const simulated = closedLoopRate(cluster(2 * PAIRS, shape, { ...ground, machine }), PAIRS * WINDOW);
  return row("three relays on PostgreSQL and NATS", simulated, result);
}

async function loaded(
  target: Target,
  groups: readonly (readonly number[])[],
  of: (cost: { readonly main: number; readonly all: number }, group: number) => number,
): Promise<{ readonly result: LoadResult; readonly cores: readonly number[] }> {
  await using load = await Generator.open(target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
  await load.closed(WARM_UP_SECONDS, 0);
  let result: LoadResult | undefined;
  const costs = await costsOf(groups, SECONDS, async () => {
    result = await load.closed(SECONDS, 0);
  });
  if (result === undefined) throw new RangeError("the load did not run");
  return { result, cores: costs.map((cost, group) => of(cost, group) / THREAD) };
}

function row(name: string, simulated: number, { deliveredRate }: LoadResult): Row {
  return {
    what: `${name}, ${String(PAIRS)} pairs × ${String(WINDOW)} under way: simulated`,
    ...{ measured: simulated, unit: "/s", baseline: { what: "measured /s", value: deliveredRate } },
    target: { of: "ratio", atLeast: 1 / NEAR, atMost: NEAR },
  };
}
