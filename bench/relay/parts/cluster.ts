import { setTimeout as sleep } from "node:timers/promises";
import { startNats, whyNoNats, type NatsServer } from "../../../packages/relay/src/nats/testing/nats-server.ts";
import {
  startPostgres,
  whyNoPostgres,
  type PostgresServer,
} from "../../../packages/relay/src/postgres/testing/postgres-server.ts";
import type { Row } from "../../row.ts";
import { Generator, type LoadResult } from "../load/generator.ts";
import type { Target } from "../load/orders.ts";
import { ROOMY } from "../peers/postgres.ts";
import { placeOf, startRelayChild, type RelayChild } from "../relay-child.ts";
import { BODY_BYTES, PAIRS, WINDOW, type Scale } from "../scale.ts";

const RELAYS = 3;
const SECONDS = { small: 4, full: 15 };
const WARM_UP_SECONDS = 2;
const TARGET_RATE = 15_000;
/** Each process is killed under this load, after a while, and is there again after another. */
const RATE = 2000;
const RUN_SECONDS = 15;
const KILL_AFTER_MS = 4000;
const AWAY_MS = 1000;
const TARGET_LIVE_MS = 5000;
/** What the database does alone: few connections, many rows in each statement. */
const BARE = { pairs: 2, window: 1000 };

/** Three relays over one PostgreSQL, woken by NATS; sender and receiver of a pair are at different relays. */
export async function benchCluster({ full }: Scale): Promise<Row[]> {
  const missing = whyNoPostgres() ?? whyNoNats();
  if (missing !== undefined) {
    process.stderr.write(`(${missing}) `);
    return [];
  }
  const seconds = full ? SECONDS.full : SECONDS.small;
  await using stack = new AsyncDisposableStack();
  const database = await startPostgres({ settings: ROOMY });
  stack.defer(() => database.close());
  const nats = await startNats();
  stack.defer(() => nats.close());
  const bare = await bareRate(database, seconds);
  const start = await relayStarter(database, nats);
  const relays = await Promise.all(Array.from({ length: RELAYS }, start));
  for (const relay of relays) stack.defer(() => relay.stop());
  const places = relays.map(({ url }) => placeOf(url));
  const closed = await run({ type: "relay", places }, (load) => load.closed(seconds, WARM_UP_SECONDS));
  const rows: Row[] = [
    {
      what: `${String(RELAYS)} relays on PostgreSQL and NATS: sender → synced → acknowledged → receiver at another relay`,
      measured: closed.deliveredRate,
      unit: "/s",
      baseline: { what: "rows/s of PostgreSQL alone, 2 connections", value: bare },
      target: { of: "measured", atLeast: TARGET_RATE },
    },
    { what: "sent to delivered in this closed loop, p99", measured: closed.toDelivered.at(0.99), unit: "ms" },
  ];
  const kills: readonly (readonly [string, () => Promise<void>])[] = [
    ["nats-server", () => away(nats)],
    ["PostgreSQL", () => away(database)],
    // Last, since it does not come back.
    ["a relay", async () => relays[0]?.kill()],
  ];
  for (const [who, kill] of kills) rows.push(...(await killed(who, { type: "relay", places, comesBack: true }, kill)));
  return rows;
}

async function relayStarter(database: PostgresServer, nats: NatsServer): Promise<() => Promise<RelayChild>> {
  const settings = { store: "postgres", postgres: await database.database(), nats: nats.url };
  return () => startRelayChild([], settings);
}

/** Rows that PostgreSQL alone commits. */
async function bareRate(database: PostgresServer, seconds: number): Promise<number> {
  const place = placeOf((await database.database()).replace("postgres://", "http://"));
  await using load = await Generator.open(
    { type: "postgres", place },
    { ...BARE, bodyBytes: BODY_BYTES, receivers: false },
  );
  return (await load.closed(seconds, WARM_UP_SECONDS)).acknowledgedRate;
}

async function killed(who: string, target: Target, kill: () => Promise<void>): Promise<Row[]> {
  const result = await run(target, async (load) => {
    const loaded = load.paced(RATE, RUN_SECONDS);
    await sleep(KILL_AFTER_MS);
    await kill();
    return loaded;
  });
  const { lost, doubled, disordered } = result;
  return [
    {
      what: `${who} killed at ${String(RATE)}/s: longest from due to delivered`,
      measured: result.toDelivered.maxMs,
      unit: "ms",
      target: { of: "measured", atMost: TARGET_LIVE_MS },
    },
    {
      what: `${who} killed: lost or doubled`,
      measured: lost + doubled,
      unit: "messages",
      target: { of: "measured", atMost: 0 },
    },
    { what: `${who} killed: out of the order of sending`, measured: disordered, unit: "messages" },
  ];
}

/** Killed, and there again soon, as a supervisor would see to. */
async function away(server: NatsServer | PostgresServer): Promise<void> {
  await server.kill();
  await sleep(AWAY_MS);
  await server.start();
}

async function run(target: Target, work: (load: Generator) => Promise<LoadResult>): Promise<LoadResult> {
  await using load = await Generator.open(target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
  return await work(load);
}
