import type { Row } from "../../row.ts";
import { Generator, type LoadResult } from "../load/generator.ts";
import type { Histogram } from "../load/histogram.ts";
import type { Target } from "../load/orders.ts";
import { startEcho } from "../peers/echo.ts";
import { startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, PAIRS, type Scale } from "../scale.ts";
import { rawSyncs } from "../stores/raw-sync.ts";

const RATE = 2000;
/** So many may be under way for each pair: far more than ever are. */
const WINDOW = 256;
const ROUNDS = { small: 3, full: 7 };
const SECONDS = 5;
const RAW_SECONDS = 2;
const TARGET = { p50: 1.5, p99: 20 };

/** What a relay adds at a steady rate, beside a bare echo under the same load and beside the disk's own syncs. */
export async function benchLatency({ full }: Scale): Promise<Row[]> {
  const relay = await startRelayChild();
  const echo = await startEcho();
  const [echoed, relayed, raw]: [LoadResult[], LoadResult[], Histogram[]] = [[], [], []];
  try {
    for (let round = 0; round < (full ? ROUNDS.full : ROUNDS.small); round += 1) {
      raw.push(rawSyncs(relay.folder, BODY_BYTES, RAW_SECONDS));
      echoed.push(await paced(echo.target));
      relayed.push(await paced(relay.target));
    }
  } finally {
    await echo.stop();
    await relay.stop();
  }
  return (["p50", "p99"] as const).flatMap((part) => {
    const quantile = part === "p50" ? 0.5 : 0.99;
    const sync = median(raw.map((times) => times.at(quantile)));
    const echoMs = median(echoed.map(({ toDelivered }) => toDelivered.at(quantile)));
    const of = (times: (result: LoadResult) => Histogram): number =>
      median(relayed.map((result) => times(result).at(quantile)));
    const [acknowledged, delivered] = [of((r) => r.toAcknowledged), of((r) => r.toDelivered)];
    const rate = String(RATE);
    return [
      {
        what: `at ${rate}/s: due to delivered, ${part}`,
        measured: delivered,
        unit: "ms",
        baseline: { what: "echo ms", value: echoMs },
      },
      {
        what: `at ${rate}/s: due to acknowledged, ${part}`,
        measured: acknowledged,
        unit: "ms",
        baseline: { what: "write + fdatasync alone ms", value: sync },
      },
      {
        what: `at ${rate}/s: added by the relay to an echo, ${part}`,
        measured: delivered - echoMs,
        unit: "ms",
        baseline: { what: "write + fdatasync alone ms", value: sync },
        target: { of: "measured", atMost: TARGET[part] },
      },
    ] satisfies Row[];
  });
}

async function paced(target: Target): Promise<LoadResult> {
  await using load = await Generator.open(target, { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES });
  return await load.paced(RATE, SECONDS);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
