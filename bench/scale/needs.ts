import { demandOf, type Demand } from "./demand.ts";
import { PLANNED_USE, SERVICES } from "./profile.ts";
import {
  clusterWork,
  databasePerSecond,
  networkBytes,
  blobBytesPerSecond,
  THREAD,
  UNEVEN,
  type ClusterShape,
  type Ground,
  type Telling,
} from "./systems.ts";

/** packages/relay/src/service/limits.ts: logs that the connections of one process, or of all fronts together, may follow. */
export const MOST_SUBSCRIPTIONS = 1_000_000;
/** Connections that one thread should hold, so that losing it is not much. Chosen. */
const MOST_CONNECTIONS = 20_000;
/** No plan with more is one. */
const MOST_RELAYS = 1_000_000;
/** What a relay's process has before anybody comes. Measured as some 100 MiB with every store. */
const PROCESS_BYTES = 100 * 1024 ** 2;

/** What so many people need, at {@link PLANNED_USE} of every part while a news event adds to the busy hour. */
export interface Needs {
  readonly demand: Demand;
  /** Cores kept busy then, by those who have them. */
  readonly relayCores: number;
  readonly databaseCores: number;
  readonly natsCores: number;
  /** Of all relay processes. */
  readonly memoryBytes: number;
  /** Of that, what connections and the logs that they follow take. */
  readonly clientBytes: number;
  /** Bits are for network cards; these are bytes, of clients' sockets and files in the busy hour's event. */
  readonly edgeBytesPerSecond: number;
  readonly natsBytesPerSecond: number;
  readonly diskBytes: number;
  readonly diskBytesPerDay: number;
  /** `undefined` for a relay over its own store. */
  readonly shape: ClusterShape | undefined;
}

/** One relay over its own store, whatever it can do. */
export function needsOfOne(people: number, { profile, costs: { one } }: Ground): Needs {
  const demand = demandOf(people, profile);
  const entries = eventRate(demand, profile.newsEvent);
  const pushes = demand.pushesPerSecond / demand.entriesPerSecond;
  const micros = entries * (one.append.all + pushes * one.push.all) + demand.connections * one.idleSecond.all;
  const entryDisk = demand.entriesKept * one.entryDiskBytes + demand.bodyBytesKept;
  return {
    demand,
    relayCores: micros / THREAD / PLANNED_USE,
    ...{ databaseCores: 0, natsCores: 0, natsBytesPerSecond: 0, shape: undefined },
    clientBytes: clientBytes(demand, one),
    memoryBytes:
      PROCESS_BYTES + clientBytes(demand, one) + demand.logs * one.logBytes + demand.entriesKept * one.entryBytes,
    edgeBytesPerSecond: entries * networkBytes(demand) + blobBytesPerSecond(demand, profile),
    diskBytes: entryDisk + demand.blobBytesKept,
    diskBytesPerDay: demand.bodyBytesPerDay + demand.entriesPerDay * one.entryDiskBytes + demand.blobBytesPerDay,
  };
}

/** Relays over databases: as few as do. `undefined` if however many do not. */
export function needsOfCluster(people: number, telling: Telling, ground: Ground): Needs | undefined {
  const { profile, costs, machine } = ground;
  const demand = demandOf(people, profile);
  const entries = eventRate(demand, profile.newsEvent);
  const relays = relaysFor(demand, entries, telling, ground);
  if (relays === undefined) return undefined;
  const few = { relays, databases: 1, natsServers: 1, telling };
  const work = clusterWork(demand, few, ground);
  const { row, batch, change, walBytes, diskBytes } = costs.cluster;
  // Under an event batches are large; two lanes of each relay take a batch every ten milliseconds at most.
  const batches = Math.min(entries, relays * 200);
  const database = entries * (row + work.changesRead * change) + batches * batch;
  const nats = entries * work.nats;
  const natsBytesPerSecond = entries * work.told * demand.meanEntryBytes;
  const databases = Math.ceil(
    Math.max(
      database / PLANNED_USE / databasePerSecond(machine),
      (entries * walBytes * 2) / PLANNED_USE / machine.diskBytesPerSecond,
    ),
  );
  const natsServers = Math.ceil(
    Math.max(
      nats / PLANNED_USE / (machine.cores * THREAD),
      natsBytesPerSecond / PLANNED_USE / machine.networkBytesPerSecond,
    ),
  );
  const overhead = Math.max(0, diskBytes - KIB);
  return {
    demand,
    relayCores: relays,
    databaseCores: database / THREAD / PLANNED_USE,
    natsCores: nats / THREAD / PLANNED_USE,
    clientBytes: clientBytes(demand, costs.one),
    memoryBytes: relays * PROCESS_BYTES + clientBytes(demand, costs.one),
    edgeBytesPerSecond: entries * networkBytes(demand) + blobBytesPerSecond(demand, profile),
    natsBytesPerSecond,
    diskBytes: demand.bodyBytesKept + demand.entriesKept * overhead + demand.blobBytesKept,
    diskBytesPerDay: demand.bodyBytesPerDay + demand.entriesPerDay * overhead + demand.blobBytesPerDay,
    shape: { relays, databases, natsServers, telling },
  };
}

/**
 * Many services, each with a share of the people: conversations may live at any of them, so that nobody need be told of
 * everything. Devices are connected to several. @returns what all of them need together.
 */
export function needsOfServices(people: number, telling: Telling, ground: Ground): Needs | undefined {
  const count = Math.ceil(people / SERVICES.people);
  const profile = { ...ground.profile, servicesPerDevice: SERVICES.perDevice };
  const each = needsOfCluster(people / count, telling, { ...ground, profile });
  if (each?.shape === undefined) return undefined;
  const { relays, databases, natsServers } = each.shape;
  return {
    demand: demandOf(people, profile),
    ...{
      relayCores: count * each.relayCores,
      databaseCores: count * each.databaseCores,
      natsCores: count * each.natsCores,
    },
    memoryBytes: count * each.memoryBytes,
    clientBytes: count * each.clientBytes,
    edgeBytesPerSecond: count * each.edgeBytesPerSecond,
    natsBytesPerSecond: count * each.natsBytesPerSecond,
    ...{ diskBytes: count * each.diskBytes, diskBytesPerDay: count * each.diskBytesPerDay },
    shape: { telling, relays: count * relays, databases: count * databases, natsServers: count * natsServers },
  };
}

/** Bodies were of this size when what a row takes was measured. */
const KIB = 1024;

/** More relays hear more, so that the number is sought until it suffices for itself. */
function relaysFor(demand: Demand, entries: number, telling: Telling, ground: Ground): number | undefined {
  const { one } = ground.costs;
  const least = Math.max(1, demand.subscriptions / MOST_SUBSCRIPTIONS, demand.connections / MOST_CONNECTIONS);
  const idle = demand.connections * one.idleSecond.main;
  let relays = Math.ceil(least);
  for (;;) {
    const shape = { relays, databases: 1, natsServers: 1, telling };
    const { relayEntry, push, heard } = clusterWork(demand, shape, ground);
    const needed = ((entries * (relayEntry + push + heard) + idle) * UNEVEN) / PLANNED_USE / THREAD;
    if (needed <= relays) return relays;
    if (needed > MOST_RELAYS || relays > MOST_RELAYS) return undefined;
    relays = Math.max(relays + 1, Math.ceil(needed));
  }
}

function eventRate(demand: Demand, newsEvent: number): number {
  return demand.entriesPerSecond * newsEvent;
}

function clientBytes(demand: Demand, one: Ground["costs"]["one"]): number {
  return demand.connections * one.connectionBytes + demand.subscriptions * one.subscriptionBytes;
}
