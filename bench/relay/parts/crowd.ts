import type { Row } from "../../row.ts";
import { Generator, type LoadResult, type StormResult } from "../load/generator.ts";
import { memoryOf } from "../memory.ts";
import { startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, sizeOf, type Scale } from "../scale.ts";

/** One process may have some 20,000 files here, so that a crowd needs several to hold its sockets. */
const CONNECTIONS = { small: 12_000, full: 60_000 };
const CONNECTIONS_A_FRONT = 15_000;
const RATE = { small: 2000, full: 10_000 };
const SECONDS = { small: 5, full: 30 };
const WARM_UP_SECONDS = 5;
/** Of one pair: it has a message under way only now and then. */
const WINDOW = 4;
const TARGET_P99_MS = 100;
/** Everybody comes back within this, as clients do after a random delay. */
const BACK_WITHIN_SECONDS = { small: 20, full: 60 };
const LATECOMERS_SECONDS = 5;
const MIB = 1024 * 1024;

/**
 * A whole organisation connected at once, every pair of it writing now and then; then all connections are lost at one
 * moment and come back while messages are under way.
 */
export async function benchCrowd({ full }: Scale): Promise<Row[]> {
  const connections = sizeOf("BENCH_CONNECTIONS", full ? CONNECTIONS.full : CONNECTIONS.small);
  const rate = sizeOf("BENCH_RATE", full ? RATE.full : RATE.small);
  const seconds = full ? SECONDS.full : SECONDS.small;
  const backWithin = full ? BACK_WITHIN_SECONDS.full : BACK_WITHIN_SECONDS.small;
  const fronts = Math.ceil(connections / CONNECTIONS_A_FRONT);
  const relay = await startRelayChild([], fronts === 1 ? {} : { fronts: String(fronts) });
  try {
    const size = { pairs: connections / 2, window: WINDOW, bodyBytes: BODY_BYTES };
    await using load = await Generator.open({ ...relay.target, comesBack: true }, size);
    const flowing = await load.paced(rate, seconds, WARM_UP_SECONDS);
    const memory = memoryOf(relay.pid);
    const storm = await load.stormWhilePaced(rate, connections / 2 / backWithin);
    for (const [reason, count] of storm.refused) process.stderr.write(`(again ${String(count)} times: ${reason}) `);
    const after = await load.paced(rate, seconds, WARM_UP_SECONDS);
    return rows({
      connections,
      rate,
      fronts,
      backWithin,
      flowing,
      memory,
      storm,
      after,
      openSeconds: load.openSeconds,
    });
  } finally {
    await relay.stop();
  }
}

interface Crowd {
  readonly connections: number;
  readonly rate: number;
  readonly fronts: number;
  readonly backWithin: number;
  readonly openSeconds: number;
  readonly memory: number;
  readonly flowing: LoadResult;
  readonly storm: StormResult;
  readonly after: LoadResult;
}

function rows({ connections, rate, fronts, backWithin, openSeconds, memory, flowing, storm, after }: Crowd): Row[] {
  const crowd = `${connections.toLocaleString("en")} connections`;
  const none = { of: "measured", atMost: 0 } as const;
  return [
    { what: `${crowd} opened, ${String(fronts)} front processes`, measured: connections / openSeconds, unit: "/s" },
    {
      what: `${crowd}, ${rate.toLocaleString("en")} messages/s asked of all pairs: delivered`,
      measured: flowing.deliveredRate,
      unit: "/s",
      target: { of: "measured", atLeast: 0.98 * rate },
    },
    { what: "due to delivered, p50", measured: flowing.toDelivered.at(0.5), unit: "ms" },
    {
      what: "due to delivered, p99",
      measured: flowing.toDelivered.at(0.99),
      unit: "ms",
      target: { of: "measured", atMost: TARGET_P99_MS },
    },
    { what: "lost, doubled or out of order", measured: wrong(flowing), unit: "messages", target: none },
    { what: "memory of all relay processes", measured: memory / MIB, unit: "MiB" },
    {
      what: `storm: all ${connections.toLocaleString("en")} dropped at once, all back after`,
      measured: storm.seconds,
      unit: "s",
      target: { of: "measured", atMost: backWithin + LATECOMERS_SECONDS },
    },
    {
      what: "storm: attempts that were made again",
      measured: storm.refused.reduce((all, [, count]) => all + count, 0),
      unit: "attempts",
    },
    { what: "storm: lost, doubled or out of order", measured: wrong(storm.result), unit: "messages", target: none },
    { what: "connections that the relay ended, in all", measured: after.broken, unit: "connections" },
    { what: "after the storm: due to delivered, p99", measured: after.toDelivered.at(0.99), unit: "ms" },
    { what: "after the storm: lost, doubled or out of order", measured: wrong(after), unit: "messages", target: none },
  ];
}

function wrong({ lost, doubled, disordered }: LoadResult): number {
  return lost + doubled + disordered;
}
