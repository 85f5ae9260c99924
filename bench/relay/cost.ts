import { chmodSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startNats, whyNoNats } from "../../packages/relay/src/nats/testing/nats-server.ts";
import { startPostgres, whyNoPostgres } from "../../packages/relay/src/postgres/testing/postgres-server.ts";
import type { Row } from "../row.ts";
import { Community } from "./community.ts";
import type { Place } from "./load/wire.ts";
import { cpuSecondsOfChildren, memoryOfChildren } from "./memory.ts";
import { ROOMY } from "./peers/postgres.ts";
import { placeOf, startRelayChild } from "./relay-child.ts";
import type { Scale } from "./scale.ts";
import { diskBytes, inFreshFolder } from "./stores/fresh-folder.ts";
import { busiestRate, USUAL } from "./usage.ts";

const PEOPLE = { small: 500, full: 4000 };
/** Processor time for a message is measured at this rate: the busiest hour of some 100,000 people. */
const RATE = 500;
const SENDERS = 50;
const SECONDS = { small: 5, full: 20 };
const SETTLE_MS = 5000;
const RELAYS = 3;
const [MIB, GIB] = [1024 ** 2, 1024 ** 3];

/** What serves: its processes are those that this one has started since. */
interface Deployment {
  readonly name: string;
  readonly places: readonly Place[];
  /** Bytes that it has on its disk. */
  readonly diskBytes: () => number;
}

/** What 1,000 people cost who use a relay as {@link USUAL} says: on one machine, and of three relays over one database. */
export async function benchCost(scale: Scale): Promise<Row[]> {
  const one = await inFreshFolder(async (folder) => {
    await using stack = new AsyncDisposableStack();
    const data = join(folder, "data");
    const relay = await startRelayChild([], { data });
    stack.defer(() => relay.stop());
    const places = [placeOf(relay.url)];
    return await costOf({ name: "one relay", places, diskBytes: () => diskBytes(data) }, scale);
  });
  const missing = whyNoPostgres() ?? whyNoNats();
  if (missing !== undefined) {
    process.stderr.write(`(${missing}) `);
    return one;
  }
  const three = await inFreshFolder(async (folder) => {
    await using stack = new AsyncDisposableStack();
    chmodSync(folder, 0o711); // PostgreSQL may run as another user
    const database = await startPostgres({ settings: ROOMY, folder: join(folder, "database") });
    stack.defer(() => database.close());
    const nats = await startNats();
    stack.defer(() => nats.close());
    const settings = { store: "postgres", postgres: await database.database(), nats: nats.url };
    const relays = await Promise.all(Array.from({ length: RELAYS }, () => startRelayChild([], settings)));
    for (const relay of relays) stack.defer(() => relay.stop());
    const places = relays.map(({ url }) => placeOf(url));
    return await costOf(
      { name: "three relays, PostgreSQL and NATS", places, diskBytes: () => diskBytes(folder) },
      scale,
    );
  });
  return [...one, ...three];
}

async function costOf({ name, places, diskBytes: disk }: Deployment, { full }: Scale): Promise<Row[]> {
  const people = full ? PEOPLE.full : PEOPLE.small;
  const seconds = full ? SECONDS.full : SECONDS.small;
  await sleep(SETTLE_MS);
  const before = memoryOfChildren();
  const community = await Community.open(places, people, USUAL);
  await sleep(SETTLE_MS);
  const memory = ((memoryOfChildren() - before) / people) * 1000;
  const idleCpu = await cpuShareWhile(() => sleep(seconds * 1000));
  const [diskBefore, deliveredBefore] = [disk(), community.delivered];
  let sent = 0;
  const busyCpu = await cpuShareWhile(async () => {
    sent = await community.send(places, SENDERS, RATE, seconds);
  });
  const cpuEach = (busyCpu.seconds - idleCpu.share * busyCpu.elapsed) / sent;
  const diskEach = (disk() - diskBefore) / sent;
  const fanOut = (community.delivered - deliveredBefore) / sent;
  community.close();
  const aDay = 1000 * USUAL.messagesADay;
  const idleShare = (idleCpu.share / people) * 1000;
  const what = `1,000 people, ${name}`;
  return [
    { what: `${name}: memory before anybody came`, measured: before / MIB, unit: "MiB" },
    { what: `${what}: memory`, measured: memory / MIB, unit: "MiB" },
    { what: `${what}: processor while nobody writes`, measured: 100 * idleShare, unit: "% of a core" },
    {
      what: `${what}: processor in the busiest hour, ${busiestRate(1000, USUAL).toFixed(1)} messages/s`,
      measured: 100 * (idleShare + cpuEach * busiestRate(1000, USUAL)),
      unit: "% of a core",
    },
    { what: `${what}: disk a day`, measured: (aDay * diskEach) / MIB, unit: "MiB" },
    {
      what: `${what}: disk after ${String(USUAL.retentionDays)} days`,
      measured: (aDay * diskEach * USUAL.retentionDays) / GIB,
      unit: "GiB",
    },
    {
      what: `${name}: processor time of a message with its ${fanOut.toFixed(1)} deliveries`,
      measured: 1e6 * cpuEach,
      unit: "µs",
    },
  ];
}

async function cpuShareWhile(
  work: () => Promise<void>,
): Promise<{ readonly seconds: number; readonly share: number; readonly elapsed: number }> {
  const [from, before] = [performance.now(), cpuSecondsOfChildren()];
  await work();
  const elapsed = (performance.now() - from) / 1000;
  const seconds = cpuSecondsOfChildren() - before;
  return { seconds, elapsed, share: seconds / elapsed };
}
