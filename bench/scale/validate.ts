import { Generator, type LoadResult } from "../relay/load/generator.ts";
import type { Target } from "../relay/load/orders.ts";
import { placeOf, startRelayChild } from "../relay/relay-child.ts";
import { BODY_BYTES } from "../relay/scale.ts";
import type { Row } from "../row.ts";
import type { UnitCosts } from "./costs.ts";
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
/** Many who have one message under way each: two would share a read of their socket. */
const [BUSY, CHECK] = [
  { pairs: 1000, window: 1 },
  { pairs: 2000, window: 1 },
];
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

/**
 * The simulation beside the real thing, the closed loop of many pairs, with the processor that each process really got.
 * A relay at ease needs more for each message than a busy one, where what comes together shares turns and syncs. The plan's
 * costs of one process are at a tenth of what it can do, those of a cluster at half. So one process is simulated with both: the
 * plan's, and its own while it is kept busy by half as many messages.
 */
export async function validate(ground: Ground, store: string, withCluster: boolean): Promise<Row[]> {
  const pairs = { ...ground, profile: pairsProfile(ground.profile) };
  return [...(await validateOne(pairs, store)), ...(withCluster ? await validateCluster(pairs) : [])];
}

async function validateOne(ground: Ground, store: string): Promise<Row[]> {
  const relay = await startRelayChild([], store === "usual" ? {} : { store });
  try {
    const groups = (): readonly (readonly number[])[] => [[relay.pid]];
    const [busy = NaN] = (await loaded(relay.target, groups, BUSY)).main;
    const { result, cores } = await loaded(relay.target, groups, CHECK);
    const { one } = ground.costs;
    const append = { main: busy - one.push.main, all: busy - one.push.main };
    const machine: Machine = { ...ground.machine, threadShare: cores[0] ?? NaN, syncMs: one.syncMs.p50 };
    const simulated = (costs: UnitCosts): number =>
      closedLoopRate(oneProcess(2 * CHECK.pairs, { ...ground, costs, machine }), CHECK.pairs * CHECK.window);
    const busyCosts = { ...ground.costs, one: { ...one, append } };
    return [
      row("one process, with costs at ease", simulated(ground.costs), result),
      row("one process, with costs of a busy one", simulated(busyCosts), result, NEAR),
    ];
  } finally {
    await relay.stop();
  }
}

async function validateCluster(ground: Ground): Promise<Row[]> {
  await using running = await startCluster();
  const relays = running.relays.map(({ pid }) => pid);
  const target: Target = { type: "relay", places: running.relays.map(({ url }) => placeOf(url)) };
  const groups = (): readonly (readonly number[])[] => [relays, running.postgres()];
  const { result, cores, databaseCores } = await loaded(target, groups, CHECK);
  const machine: Machine = {
    ...ground.machine,
    ...{ threadShare: ((cores[0] ?? NaN) * UNEVEN) / RELAYS, cores: databaseCores / DATABASE_SHARE },
    syncMs: ground.costs.one.syncMs.p50,
  };
  const shape = { relays: RELAYS, databases: 1, natsServers: 1, telling: "everything" } as const;
  const system = cluster(2 * CHECK.pairs, shape, { ...ground, machine });
  return [row("three relays on PostgreSQL and NATS", closedLoopRate(system, CHECK.pairs * CHECK.window), result, NEAR)];
}

interface Loaded {
  readonly result: LoadResult;
  /** Of each group, by the message: the first threads. */
  readonly main: readonly number[];
  /** How many cores the first threads of each group had, and all threads of the second. */
  readonly cores: readonly number[];
  readonly databaseCores: number;
}

async function loaded(
  target: Target,
  groupsNow: () => readonly (readonly number[])[],
  size: { readonly pairs: number; readonly window: number },
): Promise<Loaded> {
  await using load = await Generator.open(target, { ...size, bodyBytes: BODY_BYTES });
  await load.closed(WARM_UP_SECONDS, 0);
  let result: LoadResult | undefined;
  const groups = groupsNow(); // a database has a process for each session, which comes with the load
  const startedAt = performance.now();
  const costs = await costsOf(groups, 1, async () => {
    result = await load.closed(SECONDS, 0);
  });
  if (result === undefined) throw new RangeError("the load did not run");
  const micros = (performance.now() - startedAt) * 1000;
  const messages = result.deliveredRate * SECONDS;
  return {
    result,
    main: costs.map((cost) => cost.main / messages),
    // While the last messages settle nothing is used: the load's own time counts.
    cores: costs.map((cost) => cost.main / Math.min(micros, SECONDS * THREAD)),
    databaseCores: (costs[1]?.all ?? 0) / Math.min(micros, SECONDS * THREAD),
  };
}

function row(name: string, measured: number, { deliveredRate }: LoadResult, near?: number): Row {
  const baseline = { what: "measured /s", value: deliveredRate };
  const what = `${name}, ${String(CHECK.pairs)} pairs × ${String(CHECK.window)} under way: simulated`;
  if (near === undefined) return { what, measured, unit: "/s", baseline };
  return { what, measured, unit: "/s", baseline, target: { of: "ratio", atLeast: 1 / near, atMost: near } };
}
