import { setTimeout as sleep } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import { median } from "../../percentiles.ts";
import { onlyPings, openGreeted } from "../../relay/dialects/relay-greeting.ts";
import { Generator } from "../../relay/load/generator.ts";
import type { Place } from "../../relay/load/wire.ts";
import { memoryOf } from "../../relay/memory.ts";
import { placeOf, startRelayChild } from "../../relay/relay-child.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import { inFreshFolder } from "../../relay/stores/fresh-folder.ts";
import { rawSyncs } from "../../relay/stores/raw-sync.ts";
import type { Cost, OneProcessCosts } from "../costs.ts";
import { createLogs, followLogs } from "./followed-logs.ts";
import { measureKept } from "./kept.ts";
import { costOf, less, scaled } from "./processor-time.ts";
import { Senders } from "./senders.ts";

/** Many who write one message each now and then, as people do: what comes in one read is one message. */
const SENDERS = 500;
const RATE = 3000;
const SECONDS = 2.5;
const ROUNDS = 3;
/** Who follow each log in the rounds that push. */
const FOLLOWERS = 5;
const WARM_SOCKETS = 500;
const SOCKETS = 5000;
const IDLE_SECONDS = 8;
const LOGS = 4000;
const LOGS_EACH = 100;
const SETTLE_MS = 3000;
const RAW_SECONDS = 1;
/** Node collects what is garbage before the heap has grown by a tenth: what is left is what is needed. */
const TIDY = ["--heap-growing-percent=10"];

/** One relay over `store`: "usual", "sqlite" or "segments". */
export async function measureOneProcess(store: string): Promise<OneProcessCosts> {
  await initCrypto();
  const settings = store === "usual" ? {} : { store };
  const memory = await sockets(settings, TIDY);
  const { connect, subscribe, idleSecond } = await sockets(settings, []);
  const { connectionBytes, subscriptionBytes } = memory;
  return {
    ...(await traffic(settings)),
    ...{ connect, subscribe, idleSecond, connectionBytes, subscriptionBytes },
    ...(await measureKept(store)),
    ...(await syncs()),
  };
}

/** Rounds without and with followers take turns, so that what else the machine does meets both. */
async function traffic(settings: Readonly<Record<string, string>>): Promise<Pick<OneProcessCosts, "append" | "push">> {
  const relay = await startRelayChild([], settings);
  try {
    const place = placeOf(relay.url);
    await createLogs(place, 0, SENDERS, LOGS_EACH);
    using senders = await Senders.open(place, SENDERS);
    await senders.pace(RATE, SECONDS);
    const [alone, followed]: [Cost[], Cost[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(await costOf([relay.pid], RATE * SECONDS, () => senders.pace(RATE, SECONDS)));
      const wires = [];
      for (let i = 0; i < FOLLOWERS; i += 1) wires.push(...(await followLogs(place, 0, SENDERS, LOGS_EACH)));
      await sleep(SETTLE_MS); // they read what is there
      followed.push(await costOf([relay.pid], RATE * SECONDS, () => senders.pace(RATE, SECONDS)));
      for (const wire of wires) wire.destroy();
    }
    const append = middle(alone);
    return { append, push: scaled(less(middle(followed), append), 1 / FOLLOWERS) };
  } finally {
    await relay.stop();
  }
}

type Sockets = Pick<OneProcessCosts, "connect" | "subscribe" | "idleSecond" | "connectionBytes" | "subscriptionBytes">;

async function sockets(settings: Readonly<Record<string, string>>, nodeArgs: readonly string[]): Promise<Sockets> {
  const relay = await startRelayChild(nodeArgs, settings);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => relay.stop());
  const place = placeOf(relay.url);
  const pids = [relay.pid];
  stack.use(await Generator.hold(relay.target, WARM_SOCKETS)); // the first pay for what is there once
  await sleep(SETTLE_MS);
  const empty = memoryOf(relay.pid);
  const connect = await costOf(pids, SOCKETS, async () => {
    stack.use(await Generator.hold(relay.target, SOCKETS));
  });
  await sleep(SETTLE_MS);
  const held = memoryOf(relay.pid);
  const idleSecond = await costOf(pids, (WARM_SOCKETS + SOCKETS) * IDLE_SECONDS, () => sleep(IDLE_SECONDS * 1000));
  await createLogs(place, 0, LOGS, LOGS_EACH);
  const greeted = await costOfGreeting(place, pids);
  await sleep(SETTLE_MS);
  const before = memoryOf(relay.pid);
  const following = await costOf(pids, LOGS * FOLLOWERS, async () => {
    for (let i = 0; i < FOLLOWERS; i += 1) {
      const wires = await followLogs(place, 0, LOGS, LOGS_EACH);
      stack.defer(() => {
        for (const wire of wires) wire.destroy();
      });
    }
  });
  await sleep(SETTLE_MS);
  return {
    ...{ connect, idleSecond, connectionBytes: (held - empty) / SOCKETS },
    subscribe: less(following, scaled(greeted, 1 / LOGS_EACH)),
    subscriptionBytes: (memoryOf(relay.pid) - before) / (LOGS * FOLLOWERS),
  };
}

async function costOfGreeting(place: Place, pids: readonly number[]): Promise<Cost> {
  const count = 100;
  return costOf(pids, count, async () => {
    for (let i = 0; i < count; i += 1) (await openGreeted(place, [], onlyPings)).destroy();
  });
}

async function syncs(): Promise<Pick<OneProcessCosts, "syncMs">> {
  return inFreshFolder((folder) => {
    const times = rawSyncs(folder, BODY_BYTES, RAW_SECONDS);
    return Promise.resolve({ syncMs: { p50: times.at(0.5), p99: times.at(0.99) } });
  });
}

function middle(costs: readonly Cost[]): Cost {
  return { main: median(costs.map(({ main }) => main)), all: median(costs.map(({ all }) => all)) };
}
