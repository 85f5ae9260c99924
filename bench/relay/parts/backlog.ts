import type { Row } from "../../row.ts";
import { Generator, type LoadResult } from "../load/generator.ts";
import { startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, PAIRS, type Scale } from "../scale.ts";

const EACH = { small: 4000, full: 30_000 };
const WINDOW = 64;

/** Receivers that were away: everything is stored first, then all subscribe at once and read all of it. */
export async function benchBacklog({ full }: Scale): Promise<Row[]> {
  const each = full ? EACH.full : EACH.small;
  const relay = await startRelayChild();
  try {
    const size = { pairs: PAIRS, window: WINDOW, bodyBytes: BODY_BYTES, receivers: false };
    await using load = await Generator.open(relay.target, size);
    const stored = await load.store(each);
    const read = await load.drain();
    return [
      { what: "stored for receivers who are away", measured: stored.acknowledgedRate, unit: "/s" },
      {
        what: `backlog read by ${String(PAIRS)} receivers, ${each.toLocaleString("en")} messages each`,
        measured: read.deliveredRate,
        unit: "/s",
        target: { of: "measured", atLeast: 200_000 },
      },
      {
        what: "lost, doubled or out of order",
        measured: wrong(read),
        unit: "messages",
        target: { of: "measured", atMost: 0 },
      },
    ];
  } finally {
    await relay.stop();
  }
}

function wrong({ lost, doubled, disordered }: LoadResult): number {
  return lost + doubled + disordered;
}
