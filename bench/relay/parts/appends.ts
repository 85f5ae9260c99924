import { join } from "node:path";
import { median } from "../../percentiles.ts";
import type { Row } from "../../row.ts";
import { BODY_BYTES, type Scale } from "../scale.ts";
import { inFreshFolder } from "../stores/fresh-folder.ts";
import { groupCommitRate } from "../stores/group-commit.ts";
import { runJob } from "../stores/run-job.ts";

const LOGS = 64;
const UNDER_WAY = 2048;
const ROUNDS = { small: 3, full: 5 };
const SECONDS = { small: 3, full: 8 };

/** The store alone, without sockets, beside a bare file that commits in groups and beside SQLite. */
export async function benchAppends({ full }: Scale): Promise<Row[]> {
  const seconds = full ? SECONDS.full : SECONDS.small;
  const [bare, usual, sqlite]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < (full ? ROUNDS.full : ROUNDS.small); round += 1) {
    bare.push(await inFreshFolder((folder) => groupCommitRate(folder, BODY_BYTES, UNDER_WAY, seconds)));
    usual.push(await appendRate("usual", seconds));
    sqlite.push(await appendRate("sqlite", seconds));
  }
  const measured = median(usual);
  const what = `appends alone, 1 KiB, ${String(LOGS)} logs, ${String(UNDER_WAY)} under way`;
  return [
    {
      ...{ what, measured, unit: "/s" },
      baseline: { what: "a bare group-commit file/s", value: median(bare) },
      target: { of: "ratio", atLeast: 0.5 },
    },
    { what: "the same beside", measured, unit: "/s", baseline: { what: "SQLite store/s", value: median(sqlite) } },
  ];
}

async function appendRate(kind: string, seconds: number): Promise<number> {
  return inFreshFolder(async (folder) => {
    const size = { logs: LOGS, underWay: UNDER_WAY, bodyBytes: BODY_BYTES, seconds };
    return (await runJob({ do: "append", kind, data: join(folder, "data"), ...size })).rate;
  });
}
