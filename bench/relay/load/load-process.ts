/**
 * Loads a server as told by {@link Order}s on standard input, in a process of its own, and answers each by one line.
 * All that differs between servers is in `dialects`.
 */
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { echoLanes } from "../dialects/echo-lane.ts";
import { mqttLanes } from "../dialects/mqtt-lane.ts";
import { natsLanes } from "../dialects/nats-lane.ts";
import { postgresLanes } from "../dialects/postgres-lane.ts";
import { redisLanes } from "../dialects/redis-lane.ts";
import { onlyPings, openGreeted } from "../dialects/relay-greeting.ts";
import { RelayLane, relayLanes } from "../dialects/relay-lane.ts";
import { xmppLanes } from "../dialects/xmpp-lane.ts";
import { each } from "../each.ts";
import type { LaneSize, OpenLane } from "./lane.ts";
import type { Answer, Opened, Order, Stormed, Target } from "./orders.ts";
import { Pair } from "./pair.ts";
import { Tally, type Measured } from "./tally.ts";
import type { Place, Wire } from "./wire.ts";

/** How long to wait for the last messages when the load has ended. */
const SETTLE_MS = 15_000;
const TICK_MS = 1;
const POLL_MS = 20;
const AROUND_STORM_MS = 2000;
const TRY_AGAIN_MS = 2000;

const tally = new Tally();
let pairs: readonly Pair[] = [];
let held: readonly Wire[] = [];

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order; // our own parent wrote it
  if (order.do === "end") break;
  process.stdout.write(`${JSON.stringify(await obey(order))}\n`);
}
for (const { lane } of pairs) lane.close();
for (const wire of held) wire.destroy();
process.exit(0);

async function obey(order: Exclude<Order, { readonly do: "end" }>): Promise<Answer> {
  switch (order.do) {
    case "open":
      return open(order);
    case "closed":
      return measure(order, keepFull);
    case "paced":
      return measure(order, () => pace(order.rate));
    case "store":
      return store(order.each);
    case "drain":
      return drain();
    case "storm":
      return storm(order.perSecond, order.rate);
    case "hold":
      return hold(order.place, order.count, order.atOnce);
  }
}

async function open(order: Extract<Order, { readonly do: "open" }>): Promise<Opened> {
  const startedAt = performance.now();
  const lanes = await lanesOf(order.target, order);
  pairs = await each(order.pairs, order.atOnce, async (index) => {
    const pair = await Pair.open(lanes, index, order.window, "acknowledged", tally);
    if (order.receivers) await pair.follow();
    return pair;
  });
  return { seconds: (performance.now() - startedAt) / 1000 };
}

async function hold(place: Place, count: number, atOnce: number): Promise<Opened> {
  const startedAt = performance.now();
  held = await each(count, atOnce, () => openGreeted(place, [], onlyPings));
  return { seconds: (performance.now() - startedAt) / 1000 };
}

async function lanesOf(target: Target, size: LaneSize): Promise<OpenLane> {
  switch (target.type) {
    case "relay":
      return relayLanes({ ...size, places: target.places, comesBack: target.comesBack ?? false });
    case "echo":
      return echoLanes(size, target.place);
    case "redis":
      return redisLanes(size, target.place);
    case "nats":
      return natsLanes(size, target.place);
    case "mqtt":
      return mqttLanes(size, target.place);
    case "xmpp":
      return xmppLanes(size, target.place);
    case "postgres":
      return postgresLanes(size, target.place);
  }
}

/** Runs a load for its warm-up and its time. `start` gives what stops it. */
async function measure(
  { warmUpSeconds, seconds }: { readonly warmUpSeconds: number; readonly seconds: number },
  start: () => () => void,
): Promise<Measured> {
  const stop = start();
  await sleep(warmUpSeconds * 1000);
  tally.begin();
  await sleep(seconds * 1000);
  const measured = tally.measured();
  stop();
  await settle();
  return finish(measured);
}

function keepFull(): () => void {
  for (const pair of pairs) {
    pair.onRoom = () => {
      const now = performance.now();
      while (pair.hasRoom) pair.stamp(now);
      pair.flush();
    };
    pair.onRoom();
  }
  return () => {
    for (const pair of pairs) pair.onRoom = nothing;
  };
}

function pace(rate: number): () => void {
  const startedAt = performance.now();
  const msBetween = 1000 / rate;
  // Of each pair: how many it has sent in this run, so that message n of the run is due at n × msBetween.
  const sent = new Uint32Array(pairs.length);
  let next = 0;
  const catchUp = (index: number): void => {
    const pair = pairs[index];
    if (pair === undefined) return;
    const now = performance.now();
    for (;;) {
      const dueAt = startedAt + ((sent[index] ?? 0) * pairs.length + index) * msBetween;
      if (dueAt > now || !pair.hasRoom) break;
      pair.stamp(dueAt);
      sent[index] = (sent[index] ?? 0) + 1;
    }
    pair.flush();
  };
  for (const [index, pair] of pairs.entries())
    pair.onRoom = () => {
      catchUp(index);
    };
  const timer = setInterval(() => {
    // One message of one pair after the other is due; who has no room catches up when it has.
    for (const due = (performance.now() - startedAt) / msBetween; next < due; next += 1) catchUp(next % pairs.length);
  }, TICK_MS);
  return () => {
    clearInterval(timer);
    for (const pair of pairs) pair.onRoom = nothing;
  };
}

async function store(each: number): Promise<Measured> {
  tally.begin();
  for (const pair of pairs) {
    const until = pair.sent + each;
    pair.onRoom = () => {
      const now = performance.now();
      while (pair.hasRoom && pair.sent < until) pair.stamp(now);
      pair.flush();
    };
    pair.onRoom();
  }
  while (tally.acknowledgedSoFar < each * pairs.length) await sleep(POLL_MS);
  return finish(tally.measured());
}

async function drain(): Promise<Measured> {
  const all = pairs.reduce((sum, pair) => sum + pair.sent, 0);
  for (const pair of pairs) pair.replay();
  tally.begin();
  await Promise.all(pairs.map((pair) => pair.follow()));
  while (tally.deliveredSoFar < all) await sleep(POLL_MS);
  return finish(tally.measured());
}

/** Messages go on being due; they wait for their connections. */
async function storm(perSecond: number, rate: number): Promise<Stormed> {
  const lanes = pairs.map(({ lane }) => lane).filter((lane) => lane instanceof RelayLane);
  tally.begin();
  const stop = pace(rate);
  await sleep(AROUND_STORM_MS);
  const startedAt = performance.now();
  for (const lane of lanes) lane.drop();
  const refused = new Map<string, number>();
  const comeBack = async (lane: RelayLane): Promise<void> => {
    for (;;) {
      try {
        await lane.reopen();
        return;
      } catch (error) {
        const reason = error instanceof Error ? error.message : "unknown";
        refused.set(reason, (refused.get(reason) ?? 0) + 1);
        lane.drop();
        await sleep(Math.random() * TRY_AGAIN_MS);
      }
    }
  };
  const back: Promise<void>[] = [];
  for (const [i, lane] of lanes.entries()) {
    const wait = startedAt + (i * 1000) / perSecond - performance.now();
    if (wait > 0) await sleep(wait);
    back.push(comeBack(lane));
  }
  await Promise.all(back);
  const stormSeconds = (performance.now() - startedAt) / 1000;
  await sleep(AROUND_STORM_MS);
  const measured = tally.measured();
  stop();
  await settle();
  return { ...finish(measured), stormSeconds, refused: [...refused] };
}

async function settle(): Promise<void> {
  for (const until = performance.now() + SETTLE_MS; performance.now() < until;) {
    if (pairs.every((pair) => pair.underWay === 0)) return;
    await sleep(POLL_MS);
  }
}

function finish(measured: ReturnType<Tally["measured"]>): Measured {
  const lost = pairs.reduce((sum, pair) => sum + pair.underWay, 0);
  return { ...measured, lost, doubled: tally.doubled, disordered: tally.disordered, broken: tally.broken };
}

function nothing(): void {
  // The load has ended.
}
