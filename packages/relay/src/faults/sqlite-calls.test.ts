import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { inPairs } from "../testing/faults/in-pairs.ts";
import { decodeJournal } from "../testing/faults/journal-codec.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { memoryFolder, openSqliteSubject } from "../testing/faults/sqlite-subject.ts";
import { countCalls, DISK_CALLS, noStrace, traced, type DiskCall } from "../testing/faults/strace.ts";
import { Tally } from "../testing/faults/tally.ts";

await initCrypto();
const ROUNDS = 5;
const SEED = 3;
const GAVE_UP = 3;
const TIMEOUT_MS = 300_000;
const CHILD = new URL("../testing/faults/sqlite-process.ts", import.meta.url);

const absent = noStrace();
if (absent !== undefined) process.stdout.write(`SQLite's faults at system calls skipped: ${absent}\n`);

/** How one run with one fault went. */
interface Run {
  readonly code: number | null;
  /** Operations that were asked: none before the store was open. */
  readonly asked: number;
  readonly refused: number;
  /** What the system was asked from the failed call on, that call first. */
  readonly after: readonly string[];
  readonly where: string;
}

/** Runs clients and store, lets the `n`-th of these calls meet the fault, and compares what is on the disk then. */
async function run(tally: Tally, call: DiskCall, n: number, fault: string, manner = "right"): Promise<Run> {
  const folder = mkdtempSync(join(memoryFolder(), "stonechat-calls-"));
  try {
    const data = join(folder, "relay");
    mkdirSync(data);
    const [trace, journalFile] = [join(folder, "trace"), join(folder, "journal")];
    const options = ["-o", trace, "-y", "-e", `trace=${DISK_CALLS.join(",")}`];
    // That makes strace faster, but signals get lost.
    if (!fault.startsWith("signal")) options.push("--seccomp-bpf");
    if (n > 0) options.push("-e", `inject=${call}:${fault}:when=${String(n)}`);
    const { code } = await traced(options, CHILD, [data, journalFile, String(SEED), String(ROUNDS), manner]);
    const ledger = new Ledger();
    const journal = decodeJournal(readFileSync(journalFile));
    for (const item of journal) ledger.note(item);
    const { perform, close } = openSqliteSubject(data);
    const where = `${call} ${String(n)} ${fault}`;
    tally.add(ledger.acknowledged, await ledger.examine(perform, "thorough"), where);
    close();
    const refused = journal.filter((item) => item.type === "answered" && item.outcome.type === "storage-full").length;
    const lines = readFileSync(trace, "latin1").split("\n");
    const failed = n === 0 ? 0 : lines.findIndex((line) => line.includes("(INJECTED)"));
    const after = failed < 0 ? [] : lines.slice(failed);
    const asked = journal.filter(({ type }) => type === "asked").length;
    return { code, asked, refused, after, where };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One run for each time that the program makes one of these calls. */
async function runAll(tally: Tally, calls: readonly DiskCall[], fault: string): Promise<readonly Run[]> {
  const { after, code } = await run(new Tally("without a fault"), "fsync", 0, "");
  expect(code).toBe(0);
  const counts = countCalls(after.join("\n"));
  expect(counts.get("fsync")).toBeGreaterThan(5);
  const moments = calls.flatMap((call) =>
    Array.from({ length: counts.get(call) ?? 0 }, (_, index) => ({ call, n: index + 1 })),
  );
  return await inPairs(moments, ({ call, n }) => run(tally, call, n, fault));
}

/** The file of a traced call. */
function fileOf(line: string): string | undefined {
  return /\(\d+<([^>]*)>/.exec(line)?.[1];
}

test.skipIf(absent !== undefined)(
  "SQLite: killed at every write, sync, truncation and removal, it keeps what was acknowledged",
  { timeout: TIMEOUT_MS },
  async () => {
    const tally = new Tally("sqlite/kill at each call");
    const runs = await runAll(tally, DISK_CALLS, "signal=KILL");
    expect(runs.filter(({ code }) => code !== null)).toEqual([]);
    tally.conclude();
  },
);

test.skipIf(absent !== undefined)(
  "SQLite: a call that fails ends the store, and no failed sync is tried again",
  { timeout: TIMEOUT_MS },
  async () => {
    const tally = new Tally("sqlite/EIO at each call");
    const runs = await runAll(tally, DISK_CALLS, "error=EIO");
    for (const { after, where, code, asked } of runs) {
      const [failed = "", ...later] = after;
      // SQLite does not look at how a sync of the folder went: see openDatabase.
      if (!failed.includes("fsync") || fileOf(failed)?.endsWith("/relay") === true) continue;
      expect(code, where).toBe(GAVE_UP);
      // While it opens it takes back what it had begun, which needs syncs too; nobody was told anything yet.
      if (asked === 0) continue;
      const again = later.filter((line) => line.includes("sync(") && fileOf(line) === fileOf(failed));
      expect(again, where).toEqual([]);
    }
    const endured = runs.filter(({ code }) => code !== GAVE_UP);
    tally.conclude(`after ${String(endured.length)} of them it could go on`);
  },
);

test.skipIf(absent !== undefined)(
  "SQLite: a full disk, quota or file refuses what is new, loses nothing, and is over when there is room again",
  { timeout: TIMEOUT_MS },
  async () => {
    const tally = new Tally("sqlite/no room at each write");
    const runs = await runAll(tally, ["pwrite64"], "error=ENOSPC");
    const refusing = runs.filter(({ code, refused }) => code === 0 && refused > 0);
    expect(refusing.length).toBeGreaterThan(20);
    tally.conclude(`${String(refusing.length)} of them refused something`);
  },
);
