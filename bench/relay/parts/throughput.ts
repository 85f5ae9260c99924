import type { Row } from "../../row.ts";
import { Generator, type LoadResult } from "../load/generator.ts";
import type { Target } from "../load/orders.ts";
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

/**
 * Messages from sender to receiver, each acknowledged when it is kept, beside a bare echo and every peer that is installed.
 * All get the same load in turns; the relay runs right before and after each, and its mean stands beside the peer.
 */
export async function benchThroughput({ full }: Scale): Promise<Row[]> {
  const seconds = full ? SECONDS.full : SECONDS.small;
  const ours: LoadResult[] = [await relayRound(seconds)];
  const others: Round[] = [];
  const rows: Row[] = [];
  for (const { name, start } of PEERS) {
    const peer = await start();
    if (peer === undefined) {
      process.stderr.write(`(${name}: not installed here, or too old) `);
      continue;
    }
    const result = await round(peer, seconds);
    const [before, after] = [ours.at(-1), await relayRound(seconds)];
    ours.push(after);
    others.push({ name, result });
    const measured = ((before?.deliveredRate ?? NaN) + after.deliveredRate) / 2;
    const baseline = { what: `${name}: messages/s`, value: result.deliveredRate };
    rows.push({ what: "the same beside", measured, unit: "/s", baseline, target: { of: "ratio", atLeast: 1 } });
  }
  return [...ownRows(ours), ...rows, ...latencyRows(others)];
}

function ownRows(ours: readonly LoadResult[]): Row[] {
  const sorted = ours.toSorted((a, b) => a.deliveredRate - b.deliveredRate);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new RangeError("nothing was measured");
  const wrong = ours.reduce((sum, { lost, doubled, disordered }) => sum + lost + doubled + disordered, 0);
  const best = sorted.at(-1)?.deliveredRate ?? NaN;
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
    { what: "the load generator's share of one core", measured: 100 * middle.ownCpuShare, unit: "%" },
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

async function relayRound(seconds: number): Promise<LoadResult> {
  return round(await startRelayChild(), seconds);
}

async function round(
  server: { readonly target: Target; readonly stop: () => Promise<void> },
  seconds: number,
): Promise<LoadResult> {
  try {
    await using load = await Generator.open(server.target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
    return await load.closed(seconds, WARM_UP_SECONDS);
  } finally {
    await server.stop();
  }
}
