import { join } from "node:path";
import type { Row } from "../../row.ts";
import { BODY_BYTES, sizeOf, type Scale } from "../scale.ts";
import { inFreshFolder } from "../stores/fresh-folder.ts";
import { runJob } from "../stores/run-job.ts";

const ENTRIES = { small: 300_000, full: 4_000_000 };
const LOGS = 1000;
const APPENDS_A_SECOND = 1000;
const TARGET = { rate: 1_000_000, slowestAppendMs: 50 };

/** How fast what has expired is erased, and what others notice of it: whole days at once, and every other run of entries. */
export async function benchExpiry({ full }: Scale): Promise<Row[]> {
  const entries = sizeOf("BENCH_EXPIRED", full ? ENTRIES.full : ENTRIES.small);
  const all = await expire(entries, 1, "all of it", TARGET.rate);
  const half = await expire(entries, 2, "every other run of ten", undefined);
  return [...all, ...half];
}

async function expire(entries: number, every: number, which: string, rate: number | undefined): Promise<Row[]> {
  return inFreshFolder(async (folder) => {
    const size = { logs: LOGS, entries, every, rate: APPENDS_A_SECOND, bodyBytes: BODY_BYTES };
    const erased = await runJob({ do: "expire", kind: "usual", data: join(folder, "data"), ...size });
    const what = `expiry of ${entries.toLocaleString("en")} entries, ${which}`;
    return [
      {
        ...{ what: `${what}: erased`, measured: erased.rate, unit: "/s" },
        ...(rate === undefined ? {} : { target: { of: "measured", atLeast: rate } as const }),
      },
      {
        what: `${what}: slowest of ${String(APPENDS_A_SECOND)} appends/s meanwhile`,
        measured: erased.appends.maxMs,
        unit: "ms",
        baseline: { what: "slowest before, ms", value: erased.calmAppends?.maxMs ?? NaN },
        target: { of: "measured", atMost: TARGET.slowestAppendMs },
      },
    ];
  });
}
