import type { Row } from "../../row.ts";
import { Generator, type LoadResult } from "../load/generator.ts";
import type { Target } from "../load/orders.ts";
import { processorTime } from "../../scale/measure/processor-time.ts";
import { familyOf } from "../memory.ts";
import { PEERS } from "../peers/peers.ts";
import { startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, PAIRS, WINDOW, type Scale } from "../scale.ts";

const SECONDS = { small: 4, full: 10 };
const WARM_UP_SECONDS = 2;
const TARGET_RATE = 100_000;

/** What one round of one server came to. */
interface Round {
  readonly name: string;
  readonly result: LoadResult;
}

/** One of the relay's, with the processor time of a message in microseconds: of its busiest thread, and of all. */
interface OwnRound {
  readonly result: LoadResult;
  readonly cost: { readonly main: number; readonly all: number };
}

/**
 * Messages from sender to receiver, each acknowledged when it is kept, beside a bare echo and every peer that is installed.
 * All get the same load in turns; the relay runs right before and after each, and its mean stands beside the peer.
 */
export async function benchThroughput({ full }: Scale): Promise<Row[]> {
  const seconds = full ? SECONDS.full : SECONDS.small;
  const ours: OwnRound[] = [await relayRound(seconds)];
  const others: Round[] = [];
  const rows: Row[] = [];
  for (const { name, start, keeps = true } of PEERS) {
    const peer = await start();
    if (peer === undefined) {
      process.stderr.write(`(${name}: not installed here, or too old) `);
      continue;
    }
    const result = await round(peer, (load) => load.closed(seconds, WARM_UP_SECONDS));
    const [before, after] = [ours.at(-1), await relayRound(seconds)];
    ours.push(after);
    others.push({ name, result });
    const measured = ((before?.result.deliveredRate ?? NaN) + after.result.deliveredRate) / 2;
    const baseline = { what: `${name}: messages/s`, value: result.deliveredRate };
    const target = keeps ? { target: { of: "ratio", atLeast: 1 } as const } : {};
    rows.push({ what: "the same beside", measured, unit: "/s", baseline, ...target });
  }
  return [...ownRows(ours), ...rows, ...latencyRows(others)];
}

function ownRows(ours: readonly OwnRound[]): Row[] {
  const sorted = ours.toSorted((a, b) => a.result.deliveredRate - b.result.deliveredRate);
  const median = sorted[Math.floor(sorted.length / 2)];
  if (median === undefined) throw new RangeError("nothing was measured");
  const { result: middle, cost } = median;
  const wrong = ours.reduce((sum, { result: r }) => sum + r.lost + r.doubled + r.disordered, 0);
  const best = sorted.at(-1)?.result.deliveredRate ?? NaN;
  return [
    {
      what: `1 KiB, sender → synced → acknowledged → receiver, ${String(PAIRS)} pairs × ${String(WINDOW)} under way`,
      measured: middle.deliveredRate,
      unit: "/s",
      target: { of: "measured", atLeast: TARGET_RATE },
    },
    { what: `the same, best of ${String(ours.length)} rounds`, measured: best, unit: "/s" },
    { what: "sent to delivered in this closed loop, p50", measured: middle.toDelivered.at(0.5), unit: "ms" },
    { what: "sent to delivered in this closed loop, p99", measured: middle.toDelivered.at(0.99), unit: "ms" },
    { what: "processor time of the relay for each, its busiest thread", measured: cost.main, unit: "µs" },
    { what: "processor time of the relay for each, all threads", measured: cost.all, unit: "µs" },
    {
      what: "processor time of the load generator for each",
      measured: (1e6 * middle.ownCpuShare) / middle.deliveredRate,
      unit: "µs",
    },
    {
      what: "lost, doubled or out of order, all rounds",
      measured: wrong,
      unit: "messages",
      target: { of: "measured", atMost: 0 },
    },
  ];
}

function latencyRows(others: readonly Round[]): Row[] {
  return others.map(({ name, result }) => ({
    what: `${name}: sent to delivered, p99`,
    measured: result.toDelivered.at(0.99),
    unit: "ms",
  }));
}

async function relayRound(seconds: number): Promise<OwnRound> {
  const relay = await startRelayChild();
  let cost = { main: NaN, all: NaN };
  const result = await round(relay, async (load) => {
    await load.closed(0, WARM_UP_SECONDS);
    const pids = familyOf(relay.pid);
    const before = processorTime(pids);
    const measured = await load.closed(seconds, 0);
    const after = processorTime(pids);
    const messages = measured.deliveredRate * seconds;
    cost = { main: (after.main - before.main) / messages, all: (after.all - before.all) / messages };
    return measured;
  });
  return { result, cost };
}

async function round(
  server: { readonly target: Target; readonly stop: () => Promise<void> },
  run: (load: Generator) => Promise<LoadResult>,
): Promise<LoadResult> {
  try {
    await using load = await Generator.open(server.target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
    return await run(load);
  } finally {
    await server.stop();
  }
}
