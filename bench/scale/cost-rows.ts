import type { Row } from "../row.ts";
import type { Cost, UnitCosts } from "./costs.ts";

const KIB = 1024;

/** What one of each thing costs, as rows. */
export function costRows({ one, fronts, cluster }: UnitCosts): Row[] {
  return [
    ...pair("one process: an entry of 1 KiB, kept and acknowledged", one.append),
    ...pair("one process: pushed to one who follows", one.push),
    ...pair("one process: a new connection", one.connect),
    ...pair("one process: one log asked for", one.subscribe),
    ...pair("one process: an idle connection, each second", one.idleSecond),
    bytes("memory of an idle connection", one.connectionBytes / KIB, "KiB"),
    bytes("memory of a log that a connection follows", one.subscriptionBytes / KIB, "KiB"),
    bytes("memory of a log that is kept", one.logBytes, "bytes"),
    bytes("memory of an entry that is kept", one.entryBytes, "bytes"),
    bytes("disk of an entry besides its body", one.entryDiskBytes, "bytes"),
    { what: "a write and its sync, p50", measured: one.syncMs.p50, unit: "ms" },
    ...pair("fronts: an entry and its push, at the front", fronts.frontEntry),
    ...pair("fronts: an entry, at the hub", fronts.hubEntry),
    micros("fronts: telling one more front", fronts.hubTold.main),
    micros("fronts: being told", fronts.frontTold.main),
    ...pair("fronts: one log asked for, at the hub", fronts.hubSubscribe),
    ...pair("cluster: an entry and its push, at the relay", cluster.relayEntry),
    ...pair("cluster: an entry that another relay took, heard by all others", cluster.heard),
    micros("cluster: decoding it, of that", cluster.decode),
    ...pair("cluster: one log asked for, at the relay", cluster.subscribe),
    micros("PostgreSQL: a row", cluster.row),
    micros("PostgreSQL: a batch", cluster.batch),
    micros("PostgreSQL: one log asked for", cluster.look),
    micros("PostgreSQL: one change in the list that each relay reads", cluster.change),
    micros("NATS: an entry told to two relays, several in a message", cluster.natsEntry),
    micros("NATS: the same, each log with a subject of its own", cluster.natsSingle),
    bytes("NATS: memory of one relay's interest in one log", cluster.natsInterestBytes, "bytes"),
    bytes("PostgreSQL: written ahead for an entry of 1 KiB", cluster.walBytes, "bytes"),
    bytes("PostgreSQL: on disk for an entry of 1 KiB", cluster.diskBytes, "bytes"),
  ];
}

function pair(what: string, { main, all }: Cost): Row[] {
  return [micros(`${what}, the process's thread`, main), micros(`${what}, all its threads`, all)];
}

function micros(what: string, measured: number): Row {
  return { what, measured, unit: "µs" };
}

function bytes(what: string, measured: number, unit: string): Row {
  return { what, measured, unit };
}
