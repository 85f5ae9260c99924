import type { UnitCosts } from "./costs.ts";
import { demandOf, type Demand } from "./demand.ts";
import type { Machine, Profile } from "./profile.ts";
import type { System } from "./simulation/system.ts";

/** What a system is built from. */
export interface Ground {
  readonly profile: Profile;
  readonly costs: UnitCosts;
  /** Of every machine in it. */
  readonly machine: Machine;
}

/** How relays over one database are told of each other's entries: each of all, or each of what its clients follow. */
export type Telling = "everything" | "what-is-followed";

/** Several relays, each with one thread for its clients, over databases and NATS servers on machines of their own. */
export interface ClusterShape {
  readonly relays: number;
  readonly databases: number;
  readonly natsServers: number;
  readonly telling: Telling;
}

/** A thread's time in a second, in microseconds. */
export const THREAD = 1_000_000;
/** Connections spread unevenly: the busiest of several processes has so much more than the mean. Assumed. */
export const UNEVEN = 1.2;
/** What many cores of one database do together, of what they would alone: they wait for each other. Assumed. */
export const DATABASE_SHARE = 0.6;
/** Of frames, TCP and TLS around each entry on the network, and of its reply. Assumed. */
const WIRE_BYTES = 200;
/** Around each entry in a wake-up: `weightOf` of packages/relay/src/nats/wake-up-batch.ts. */
const WAKE_UP_BYTES = 96;
/** The database writes an entry to its log and once more to its table. */
const DATABASE_WRITES = 2;
/** packages/relay/src/postgres/postgres-store.ts */
const LANES_A_RELAY = 2;
const MOST_A_BATCH = 2000;
const ANY = 1e12;

/** One process over its own store. */
export function oneProcess(people: number, ground: Ground): System {
  const {
    profile,
    costs: { one },
    machine,
  } = ground;
  const demand = demandOf(people, profile);
  const pushes = demand.pushesPerSecond / demand.entriesPerSecond;
  return {
    parts: [
      { name: "the process's thread", kind: "work", perSecond: threads(1, demand.connections, ground) },
      { name: "journal", kind: "batches", places: 1, most: ANY },
      { name: "disk", kind: "work", perSecond: machine.diskBytesPerSecond - blobBytesPerSecond(demand, profile) },
      { name: "sync", kind: "delay", seconds: machine.syncMs / 1000 },
      { name: "network", kind: "work", perSecond: networkLeft(demand, profile, machine) },
    ],
    order: ["the process's thread", "journal", "disk", "sync", "the process's thread", "network"],
    routes: [
      {
        name: "entries",
        steps: [
          { part: "the process's thread", each: one.append.main },
          { part: "journal" },
          { part: "disk", each: demand.meanEntryBytes + one.entryDiskBytes },
          { part: "sync", frees: "journal", acknowledges: true },
          { part: "the process's thread", each: pushes * one.push.main },
          { part: "network", each: networkBytes(demand) },
        ],
      },
      {
        name: "returns",
        steps: [
          {
            part: "the process's thread",
            each: one.connect.main + profile.logsFollowedPerDevice * one.subscribe.main,
          },
        ],
      },
    ],
  };
}

/** Several processes with the sockets, one with the store, on one machine that has a core for each. */
export function frontsOverHub(people: number, fronts: number, ground: Ground): System {
  const {
    profile,
    costs: { one, fronts: costs },
    machine,
  } = ground;
  const demand = demandOf(people, profile);
  const pushes = demand.pushesPerSecond / demand.entriesPerSecond;
  const { logsFollowedPerDevice: logs } = profile;
  // Measured with one push, and with one other front told.
  const hub = Math.max(1, costs.hubEntry.main + (fronts - 2) * costs.hubTold.main);
  const front = Math.max(1, costs.frontEntry.main - one.push.main);
  return {
    parts: [
      {
        name: "fronts",
        kind: "work",
        perSecond: (fronts * THREAD - demand.connections * one.idleSecond.main) / UNEVEN,
      },
      { name: "hub", kind: "work", perSecond: threads(1, 0, ground) },
      { name: "journal", kind: "batches", places: 1, most: ANY },
      { name: "disk", kind: "work", perSecond: machine.diskBytesPerSecond - blobBytesPerSecond(demand, profile) },
      { name: "sync", kind: "delay", seconds: machine.syncMs / 1000 },
      { name: "network", kind: "work", perSecond: networkLeft(demand, profile, machine) },
    ],
    order: ["fronts", "hub", "journal", "disk", "sync", "fronts", "network"],
    routes: [
      {
        name: "entries",
        steps: [
          { part: "fronts", each: front },
          { part: "hub", each: hub },
          { part: "journal" },
          { part: "disk", each: demand.meanEntryBytes + one.entryDiskBytes },
          { part: "sync", frees: "journal", acknowledges: true },
          { part: "fronts", each: (fronts - 1) * costs.frontTold.main + pushes * one.push.main },
          { part: "network", each: networkBytes(demand) },
        ],
      },
      {
        name: "returns",
        steps: [
          { part: "fronts", each: one.connect.main + logs * costs.frontSubscribe.main },
          { part: "hub", each: logs * costs.hubSubscribe.main },
        ],
      },
    ],
  };
}

/** Relays over PostgreSQL and NATS. */
export function cluster(people: number, shape: ClusterShape, ground: Ground): System {
  const { profile, costs, machine } = ground;
  const demand = demandOf(people, profile);
  const { cluster: unit } = costs;
  const work = clusterWork(demand, shape, ground);
  const { logsFollowedPerDevice: logs } = profile;
  const { relays, databases, natsServers } = shape;
  const polled = demand.entriesPerSecond * work.changesRead * unit.change;
  return {
    parts: [
      { name: "relays", kind: "work", perSecond: threads(relays, demand.connections, ground) / UNEVEN },
      { name: "lanes", kind: "batches", places: relays * LANES_A_RELAY * databases, most: MOST_A_BATCH },
      {
        name: "database",
        kind: "work",
        perSecond: Math.max(1, databases * databasePerSecond(machine) - polled),
      },
      { name: "database disk", kind: "work", perSecond: databases * machine.diskBytesPerSecond },
      { name: "sync", kind: "delay", seconds: machine.syncMs / 1000 },
      { name: "NATS", kind: "work", perSecond: natsServers * machine.cores * THREAD },
      { name: "NATS's network", kind: "work", perSecond: natsServers * machine.networkBytesPerSecond },
      { name: "relays' network", kind: "work", perSecond: relaysNetwork(relays, demand, ground) },
    ],
    order: [
      ...["relays", "lanes", "database", "database disk", "sync", "relays", "NATS", "NATS's network"],
      ...["relays", "relays' network"],
    ],
    routes: [
      {
        name: "entries",
        steps: [
          { part: "relays", each: work.relayEntry },
          { part: "lanes" },
          { part: "database", each: unit.row, eachBatch: unit.batch },
          { part: "database disk", each: unit.walBytes * DATABASE_WRITES },
          { part: "sync", frees: "lanes", acknowledges: true },
          { part: "NATS", each: work.nats },
          { part: "NATS's network", each: work.told * (demand.meanEntryBytes + WAKE_UP_BYTES) },
          { part: "relays", each: work.heard + work.push },
          { part: "relays' network", each: networkBytes(demand) },
        ],
      },
      {
        name: "returns",
        steps: [
          { part: "relays", each: costs.one.connect.main + logs * unit.subscribe.main },
          { part: "database", each: logs * unit.look },
        ],
      },
    ],
  };
}

/** What one entry asks of each part of a cluster, in microseconds of all processes of a kind together. */
export interface ClusterWork {
  /** At the relay that takes it in, without telling and pushing. */
  readonly relayEntry: number;
  readonly push: number;
  readonly heard: number;
  readonly nats: number;
  /** How many other relays are told. */
  readonly told: number;
  /** How many times each change is read from the database's list. */
  readonly changesRead: number;
}

export function clusterWork(demand: Demand, shape: ClusterShape, { costs }: Ground): ClusterWork {
  const { cluster: unit, one } = costs;
  const pushes = demand.pushesPerSecond / demand.entriesPerSecond;
  const others = shape.relays - 1;
  const everything = shape.telling === "everything";
  // A follower is at any relay alike: how many others have at least one.
  const told = everything ? others : others * (1 - (1 - 1 / shape.relays) ** pushes);
  // Of three relays one tells and two hear; a message for each log shares with no other what it costs.
  const natsEach = (everything ? unit.natsEntry : unit.natsSingle) / 3;
  return {
    relayEntry: Math.max(1, unit.relayEntry.main - one.push.main),
    push: pushes * one.push.main,
    heard: told * unit.heard.main,
    nats: natsEach * (1 + told),
    told,
    changesRead: everything ? shape.relays : 0,
  };
}

/** Microseconds that so many threads have in a second besides what idle connections take. */
function threads(count: number, connections: number, { costs, machine }: Ground): number {
  return Math.max(1, count * THREAD * machine.threadShare - connections * costs.one.idleSecond.main);
}

/** Microseconds of a database's processors in a second. */
export function databasePerSecond({ cores }: Machine): number {
  return cores * THREAD * DATABASE_SHARE;
}

/** Bytes that an entry moves at the edge: in once, out to each who follows. */
export function networkBytes(demand: Demand): number {
  const copies = 1 + demand.pushesPerSecond / demand.entriesPerSecond;
  return copies * (demand.meanEntryBytes + WIRE_BYTES);
}

/** In the busy hour: blobs in, and out again to who fetches them. */
export function blobBytesPerSecond(demand: Demand, profile: Profile): number {
  return ((demand.blobBytesPerDay + demand.blobFetchBytesPerDay) * profile.busyHourShare) / 3600;
}

/** Files share the network with entries. Never quite nothing, so that an overload shows as one. */
function networkLeft(demand: Demand, profile: Profile, machine: Machine): number {
  return Math.max(1, machine.networkBytesPerSecond - blobBytesPerSecond(demand, profile));
}

/** Relays share machines, a core each. */
function relaysNetwork(relays: number, demand: Demand, { profile, machine }: Ground): number {
  const all = Math.ceil(relays / machine.cores) * machine.networkBytesPerSecond;
  return Math.max(1, all - blobBytesPerSecond(demand, profile));
}
