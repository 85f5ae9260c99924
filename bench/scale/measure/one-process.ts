import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import { onlyPings, openGreeted } from "../../relay/dialects/relay-greeting.ts";
import { Generator, type LoadSize } from "../../relay/load/generator.ts";
import type { Place } from "../../relay/load/wire.ts";
import { memoryOf } from "../../relay/memory.ts";
import { placeOf, startRelayChild } from "../../relay/relay-child.ts";
import { BODY_BYTES } from "../../relay/scale.ts";
import { diskBytes, inFreshFolder } from "../../relay/stores/fresh-folder.ts";
import { rawSyncs } from "../../relay/stores/raw-sync.ts";
import { runJob } from "../../relay/stores/run-job.ts";
import type { Cost, OneProcessCosts } from "../costs.ts";
import { createLogs, followLogs } from "./followed-logs.ts";
import { costOf, less } from "./processor-time.ts";

const RATE = 6000;
const SECONDS = 4;
const WARM_UP_SECONDS = 2;
/** Many who write one message each now and then, as people do: what comes in one read is one message. */
const LOAD: LoadSize = { pairs: 1000, window: 16, bodyBytes: BODY_BYTES };
const WARM_SOCKETS = 500;
const SOCKETS = 4000;
const IDLE_SECONDS = 8;
const LOGS = 4000;
const LOGS_EACH = 100;
/** Of each log, in the profile's mean. */
const FOLLOWERS = 5;
const SETTLE_MS = 3000;
const FILL = { logs: 20_000, fewEntries: 20_000, moreEntries: 320_000, bodyBytes: 64 };
const RAW_SECONDS = 1;
/** Node collects what is garbage before the heap has grown by a tenth: what is left is what is needed. */
const TIDY = ["--heap-growing-percent=10"];

/** One relay over `store`: "usual", "sqlite" or "segments". */
export async function measureOneProcess(store: string): Promise<OneProcessCosts> {
  await initCrypto();
  const settings = store === "usual" ? {} : { store };
  return { ...(await traffic(settings)), ...(await sockets(settings)), ...(await kept(store)), ...(await syncs()) };
}

async function traffic(settings: Readonly<Record<string, string>>): Promise<Pick<OneProcessCosts, "append" | "push">> {
  const costs: Cost[] = [];
  for (const receivers of [false, true]) {
    const relay = await startRelayChild([], settings);
    try {
      await using load = await Generator.open(relay.target, { ...LOAD, receivers });
      await load.paced(RATE, WARM_UP_SECONDS, 0);
      costs.push(await costOf([relay.pid], RATE * SECONDS, () => load.paced(RATE, SECONDS, 0)));
    } finally {
      await relay.stop();
    }
  }
  const [append, both] = costs;
  if (append === undefined || both === undefined) throw new RangeError("two rounds in, two costs out");
  return { append, push: less(both, append) };
}

type Sockets = Pick<OneProcessCosts, "connect" | "subscribe" | "idleSecond" | "connectionBytes" | "subscriptionBytes">;

async function sockets(settings: Readonly<Record<string, string>>): Promise<Sockets> {
  const relay = await startRelayChild([], settings);
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
    subscribe: less(following, { main: greeted.main / LOGS_EACH, all: greeted.all / LOGS_EACH }),
    subscriptionBytes: (memoryOf(relay.pid) - before) / (LOGS * FOLLOWERS),
  };
}

async function costOfGreeting(place: Place, pids: readonly number[]): Promise<Cost> {
  const count = 100;
  return costOf(pids, count, async () => {
    for (let i = 0; i < count; i += 1) (await openGreeted(place, [], onlyPings)).destroy();
  });
}

type Kept = Pick<OneProcessCosts, "logBytes" | "entryBytes" | "entryDiskBytes">;

/** What a relay that is started on many logs and entries needs more than one on fewer. */
async function kept(store: string): Promise<Kept> {
  const { logs, fewEntries, moreEntries } = FILL;
  const none = await keptBy(store, 100, 100);
  const few = await keptBy(store, logs, fewEntries);
  const more = await keptBy(store, logs, moreEntries);
  const entryBytes = Math.max(0, more.memory - few.memory) / (moreEntries - fewEntries);
  return {
    entryBytes,
    logBytes: Math.max(0, few.memory - none.memory - fewEntries * entryBytes) / logs,
    entryDiskBytes: (more.disk - few.disk) / (moreEntries - fewEntries) - FILL.bodyBytes,
  };
}

async function keptBy(
  kind: string,
  logs: number,
  entries: number,
): Promise<{ readonly memory: number; readonly disk: number }> {
  return inFreshFolder(async (folder) => {
    const data = join(folder, "data");
    await runJob({ do: "fill", kind, data, logs, entries, bodyBytes: FILL.bodyBytes, thenDie: false });
    const relay = await startRelayChild(TIDY, { data, ...(kind === "usual" ? {} : { store: kind }) });
    try {
      await sleep(SETTLE_MS);
      return { memory: memoryOf(relay.pid), disk: diskBytes(data) };
    } finally {
      await relay.stop();
    }
  });
}

async function syncs(): Promise<Pick<OneProcessCosts, "syncMs">> {
  return inFreshFolder((folder) => {
    const times = rawSyncs(folder, BODY_BYTES, RAW_SECONDS);
    return Promise.resolve({ syncMs: { p50: times.at(0.5), p99: times.at(0.99) } });
  });
}
