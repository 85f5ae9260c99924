/** Does one {@link Job} with a store, in a process of its own, and prints what came of it. */
import { writeSync } from "node:fs";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId } from "@stonechat/protocol";
import type { RelayStore } from "../../../packages/relay/src/store/relay-store.ts";
import { Histogram } from "../load/histogram.ts";
import { benchLog, type BenchLog } from "./bench-log.ts";
import type { Job, JobResult } from "./jobs.ts";
import { openStore } from "./open-store.ts";

const STANDARD_OUTPUT = 1;
const DAY_MS = 24 * 3600 * 1000;
const MONTH_MS = 30 * DAY_MS;
const CREATES_AT_ONCE = 1000;
const FILL_UNDER_WAY = 4096;
/** Entries that one call may erase: appends can pass in between. */
const EXPIRE_SLICE = 10_000;
const TICK_MS = 1;
/** How long appends are measured before anything is erased. */
const CALM_MS = 3000;

const job = JSON.parse(process.argv[2] ?? "") as Job; // our own parent wrote it
const opened = await openStore(job.kind, job.data);
const store: RelayStore = opened.store;
const body = systemRandom().bytes(job.bodyBytes);
const times = new Histogram();
const logs = await createLogs(job.logs);
let appended = 0;
let startedAt = performance.now();

const result = await perform();
writeSync(STANDARD_OUTPUT, `${JSON.stringify(result)}\n`);
if (job.do === "fill" && job.thenDie) process.kill(process.pid, "SIGKILL");
await opened.close();
process.exit(0);

async function perform(): Promise<JobResult> {
  switch (job.do) {
    case "append": {
      await keepUnderWay(job.underWay, () => performance.now() - startedAt < 1000);
      times.clear();
      return measured(keepUnderWay(job.underWay, () => performance.now() - startedAt < job.seconds * 1000));
    }
    case "fill":
      return measured(keepUnderWay(FILL_UNDER_WAY, () => appended < job.entries));
    case "expire":
      return expire(job.entries, job.every, job.rate);
  }
}

async function measured(work: Promise<void>): Promise<JobResult> {
  await work;
  const seconds = (performance.now() - startedAt) / 1000;
  return { rate: times.size / seconds, seconds, appends: times.toTimes() };
}

/** Keeps so many appends under way while `goOn` says so, and waits for the last. Logs take turns. */
async function keepUnderWay(
  underWay: number,
  goOn: () => boolean,
  expiresAt: (number: number) => number = inAMonth,
): Promise<void> {
  startedAt = performance.now();
  await Promise.all(
    Array.from({ length: underWay }, async () => {
      while (goOn()) await append(expiresAt(appended));
    }),
  );
}

async function append(expiresAt: number): Promise<void> {
  const log = logs[appended % logs.length];
  if (log === undefined) throw new RangeError("no log to append to");
  const entryId = new Uint8Array(16);
  new DataView(entryId.buffer).setUint32(0, appended);
  appended += 1;
  const from = performance.now();
  const { logId, hash } = log;
  const outcome = await store.append({ logId, appendHash: hash, entryId: entryId as EntryId, expiresAt, body });
  if (outcome.type !== "appended") throw new RangeError(`refused: ${outcome.type}`);
  times.add(performance.now() - from);
}

function inAMonth(): number {
  return Date.now() + MONTH_MS;
}

async function expire(entries: number, every: number, rate: number): Promise<JobResult> {
  const soon = Date.now() + DAY_MS;
  const later = Date.now() + MONTH_MS;
  // Runs of ten in one log, so that what stays lies between what goes.
  await keepUnderWay(
    FILL_UNDER_WAY,
    () => appended < entries,
    (i) => (Math.floor(i / 10) % every === 0 ? soon : later),
  );
  times.clear();
  await appendEvenly(rate, AbortSignal.timeout(CALM_MS));
  const calmAppends = times.toTimes();
  times.clear();
  const going = new AbortController();
  const appending = appendEvenly(rate, going.signal);
  const from = performance.now();
  let erased = 0;
  for (let more = true; more;) {
    const slice = await store.expire(soon, EXPIRE_SLICE);
    erased += slice.expired;
    more = slice.more;
    await turn();
  }
  const seconds = (performance.now() - from) / 1000;
  going.abort();
  await appending;
  return { rate: erased / seconds, seconds, appends: times.toTimes(), calmAppends };
}

async function appendEvenly(rate: number, signal: AbortSignal): Promise<void> {
  const from = performance.now();
  const open: Promise<void>[] = [];
  let sent = 0;
  while (!signal.aborted) {
    for (; sent < ((performance.now() - from) / 1000) * rate; sent += 1) open.push(append(inAMonth()));
    await sleep(TICK_MS);
  }
  await Promise.all(open);
}

async function createLogs(count: number): Promise<readonly BenchLog[]> {
  const made = Array.from({ length: count }, (_, i) => benchLog(i));
  for (let first = 0; first < count; first += CREATES_AT_ONCE) {
    const next = made.slice(first, first + CREATES_AT_ONCE).map(async ({ logId, hash }) => {
      const { type } = await store.create({ logId, readHash: hash, appendHash: hash, ownerHash: undefined });
      if (type !== "created") throw new RangeError(`refused: ${type}`);
    });
    await Promise.all(next);
  }
  return made;
}
