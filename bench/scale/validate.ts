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
/** Many who have one or two messages under way, so that few share a read of their socket with others. */
const [BUSY, CHECK] = [
  { pairs: 500, window: 1 },
  { pairs: 1000, window: 2 },
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
 * Costs are those of the plan, measured at ease, and those of the same relay kept busy by a fourth as many messages: what
 * comes together shares turns, syncs and batches, so that a busy relay needs less for each.
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
    return rows("one process", simulated(ground.costs), simulated(busyCosts), result);
  } finally {
    await relay.stop();
  }
}

async function validateCluster(ground: Ground): Promise<Row[]> {
  await using running = await startCluster();
  const relays = running.relays.map(({ pid }) => pid);
  const target: Target = { type: "relay", places: running.relays.map(({ url }) => placeOf(url)) };
  const groups = (): readonly (readonly number[])[] => [relays, running.postgres()];
  const busy = await loaded(target, groups, BUSY);
  const { result, cores, databaseCores } = await loaded(target, groups, CHECK);
  const { cluster: unit, one } = ground.costs;
  const heard = (RELAYS - 1) * unit.heard.main;
  const entry = Math.max(1, (busy.main[0] ?? NaN) - heard);
  const machine: Machine = {
    ...ground.machine,
    ...{ threadShare: ((cores[0] ?? NaN) * UNEVEN) / RELAYS, cores: databaseCores / DATABASE_SHARE },
    syncMs: one.syncMs.p50,
  };
  const shape = { relays: RELAYS, databases: 1, natsServers: 1, telling: "everything" } as const;
  const simulated = (costs: UnitCosts): number =>
    closedLoopRate(cluster(2 * CHECK.pairs, shape, { ...ground, costs, machine }), CHECK.pairs * CHECK.window);
  const relayEntry = { main: entry, all: entry };
  const row = busy.all[1] ?? NaN;
  const busyCosts = { ...ground.costs, cluster: { ...unit, relayEntry, row, batch: 0 } };
  return rows("three relays on PostgreSQL and NATS", simulated(ground.costs), simulated(busyCosts), result);
}

interface Loaded {
  readonly result: LoadResult;
  /** Of each group: the first threads, and all threads, by the message. */
  readonly main: readonly number[];
  readonly all: readonly number[];
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
    all: costs.map((cost) => cost.all / messages),
    // While the last messages settle nothing is used: the load's own time counts.
    cores: costs.map((cost) => cost.main / Math.min(micros, SECONDS * THREAD)),
    databaseCores: (costs[1]?.all ?? 0) / Math.min(micros, SECONDS * THREAD),
  };
}

function rows(name: string, atEase: number, busy: number, { deliveredRate }: LoadResult): Row[] {
  const baseline = { what: "measured /s", value: deliveredRate };
  const what = `${name}, ${String(CHECK.pairs)} pairs × ${String(CHECK.window)} under way`;
  const target = { of: "ratio", atLeast: 1 / NEAR, atMost: NEAR } as const;
  return [
    { what: `${what}: simulated with the plan's costs`, measured: atEase, unit: "/s", baseline },
    { what: `${what}: simulated with costs of a busy relay`, measured: busy, unit: "/s", baseline, target },
  ];
}
