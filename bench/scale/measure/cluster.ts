import { setTimeout as sleep } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import postgres from "postgres";
import { startNats, whyNoNats, type NatsServer } from "../../../packages/relay/src/nats/testing/nats-server.ts";
import {
  startPostgres,
  whyNoPostgres,
  type PostgresServer,
} from "../../../packages/relay/src/postgres/testing/postgres-server.ts";
import { Generator } from "../../relay/load/generator.ts";
import { ROOMY } from "../../relay/peers/postgres.ts";
import { placeOf, startRelayChild, type RelayChild } from "../../relay/relay-child.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import type { ClusterCosts, Cost } from "../costs.ts";
import { wakeUpTime } from "./codec-time.ts";
import { createLogs, followLogs } from "./followed-logs.ts";
import { measureSubjects } from "./nats-subjects.ts";
import { costOf, costsOf, ownProcesses, processorTime } from "./processor-time.ts";

/** Two rates, so that what a row costs can be told from what a batch costs. */
const RATES = [400, 4000] as const;
const SECONDS = 6;
const WARM_UP_SECONDS = 3;
const PAIRS = 1000;
const WINDOW = 16;
const LOGS = 2000;
const LOGS_EACH = 100;
const OVERLAP_MS = 13_000;

/** Three relays over one database and one NATS server, all on this machine. */
export interface Cluster extends AsyncDisposable {
  readonly relays: readonly RelayChild[];
  readonly postgres: () => readonly number[];
  readonly nats: () => readonly number[];
  readonly url: string;
}

/** Why there is no cluster here; undefined if there is one. */
export function whyNoCluster(): string | undefined {
  return whyNoPostgres() ?? whyNoNats();
}

export async function startCluster(): Promise<Cluster> {
  const stack = new AsyncDisposableStack();
  try {
    const database: PostgresServer = await startPostgres({ settings: ROOMY });
    stack.defer(() => database.close());
    const told: NatsServer = await startNats();
    stack.defer(() => told.close());
    const url = await database.database();
    const settings = { store: "postgres", postgres: url, nats: told.url };
    const relays: RelayChild[] = [];
    for (let i = 0; i < 3; i += 1) {
      const relay = await startRelayChild([], settings);
      stack.defer(() => relay.stop());
      relays.push(relay);
    }
    const all = stack.move();
    return {
      ...{ relays, url },
      postgres: () => ownProcesses("postgres"),
      nats: () => ownProcesses("nats-server"),
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** All clients are at the first relay; the other two show what hearing of everything costs. */
export async function measureCluster(): Promise<ClusterCosts> {
  await initCrypto();
  await using cluster = await startCluster();
  const sql = postgres(cluster.url, { max: 1, onnotice: () => undefined });
  try {
    const rounds: Round[] = [];
    const sub = await subscribing(cluster);
    await using load = await openLoad(cluster);
    for (const rate of RATES) rounds.push(await roundAt(rate, load, cluster, sql));
    const [slow, fast] = rounds;
    if (slow === undefined || fast === undefined) throw new RangeError("two rates in, two rounds out");
    const change = await changeCost(cluster, sql);
    const subjects = await measureSubjects();
    return {
      ...{
        relayEntry: fast.relay,
        heard: fast.heard,
        decode: wakeUpTime().decode,
        subscribe: sub.relay,
        look: sub.look,
      },
      ...perRowAndBatch(slow, fast),
      ...{
        change,
        natsEntry: fast.nats,
        natsSingle: subjects.each,
        natsInterestBytes: subjects.interestBytes,
        walBytes: fast.walBytes,
        diskBytes: fast.diskBytes,
      },
      batchMs: slow.p50Ms,
    };
  } finally {
    await sql.end();
  }
}

interface Round {
  readonly entries: number;
  readonly batches: number;
  readonly relay: Cost;
  readonly heard: Cost;
  /** In all, in microseconds. */
  readonly postgres: number;
  readonly nats: number;
  readonly walBytes: number;
  readonly diskBytes: number;
  readonly p50Ms: number;
}

async function openLoad({ relays }: Cluster): Promise<Generator> {
  const [first] = relays;
  if (first === undefined) throw new RangeError("a cluster has relays");
  return Generator.open(first.target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
}

async function roundAt(rate: number, load: Generator, cluster: Cluster, sql: postgres.Sql): Promise<Round> {
  await load.paced(rate, WARM_UP_SECONDS, 0);
  const [first, ...others] = cluster.relays.map(({ pid }) => [pid]);
  if (first === undefined) throw new RangeError("a cluster has relays");
  const before = await figures(sql);
  const entries = rate * SECONDS;
  let p50Ms = NaN;
  const costs = await costsOf([first, ...others, cluster.postgres(), cluster.nats()], entries, async () => {
    p50Ms = (await load.paced(rate, SECONDS, 0)).toAcknowledged.at(0.5);
  });
  const [relay, second, third, database, told] = costs;
  if (
    relay === undefined ||
    second === undefined ||
    third === undefined ||
    database === undefined ||
    told === undefined
  )
    throw new RangeError("five groups in, five costs out");
  const after = await figures(sql);
  const heard = { main: (second.main + third.main) / 2, all: (second.all + third.all) / 2 };
  return {
    ...{ entries, relay, heard, p50Ms, nats: told.all, postgres: database.all * entries },
    batches: after.batches - before.batches,
    walBytes: (after.wal - before.wal) / entries,
    diskBytes: (after.size - before.size) / entries,
  };
}

/** Two equations, two unknowns. */
function perRowAndBatch(slow: Round, fast: Round): { readonly row: number; readonly batch: number } {
  const determinant = slow.entries * fast.batches - fast.entries * slow.batches;
  const row = (slow.postgres * fast.batches - fast.postgres * slow.batches) / determinant;
  const batch = (slow.entries * fast.postgres - fast.entries * slow.postgres) / determinant;
  if (row > 0 && batch > 0) return { row, batch };
  // Too noisy to be told apart: all of it counts by the row.
  return { row: fast.postgres / fast.entries, batch: 0 };
}

interface Figures {
  readonly batches: number;
  readonly wal: number;
  readonly size: number;
}

async function figures(sql: postgres.Sql): Promise<Figures> {
  const [row] = await sql`
    SELECT (SELECT max(pk) FROM change)::float8 AS batches, pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS wal,
      pg_database_size(current_database())::float8 AS size`;
  return { batches: Number(row?.["batches"] ?? 0), wal: Number(row?.["wal"]), size: Number(row?.["size"]) };
}

async function subscribing(cluster: Cluster): Promise<{ readonly relay: Cost; readonly look: number }> {
  const [first] = cluster.relays;
  if (first === undefined) throw new RangeError("a cluster has relays");
  const place = placeOf(first.url);
  await createLogs(place, 0, LOGS, LOGS_EACH);
  const [relay, database] = await costsOf([[first.pid], cluster.postgres()], LOGS, async () => {
    for (const wire of await followLogs(place, 0, LOGS, LOGS_EACH)) wire.destroy();
  });
  if (relay === undefined || database === undefined) throw new RangeError("two groups in, two costs out");
  return { relay, look: database.all };
}

/** Reads the list of changes once as each relay does, and divides by the logs that it names. */
async function changeCost(cluster: Cluster, sql: postgres.Sql): Promise<number> {
  const before = processorTime(cluster.postgres());
  const started = performance.now();
  const repeats = 20;
  let logs = 0;
  for (let i = 0; i < repeats; i += 1) {
    const rows = await sql`SELECT pk, at, ids, nexts::text AS nexts FROM change
      WHERE at >= (SELECT max(at) FROM change) - ${OVERLAP_MS}::bigint`;
    for (const row of rows) logs += (row["ids"] as Uint8Array).length / 32; // a column of bytes, ids of 32 each
  }
  const spent = processorTime(cluster.postgres()).all - before.all;
  const others = await costOf(cluster.postgres(), 1, () => sleep(performance.now() - started));
  return Math.max(0, spent - others.all) / Math.max(1, logs);
}
