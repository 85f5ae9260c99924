import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../row.ts";
import type { LoadPlan, LoadResult } from "./load-plan.ts";
import { rawSyncRate } from "./raw-sync.ts";
import { firstJsonLine, startRelayChild, type RelayChild } from "./relay-child.ts";

const CONNECTIONS = 64;
const DEPTH = 8;
const BODY_BYTES = 1024;
const SECONDS = 5;
const RAW_SECONDS = 2;
const ROUNDS = 3;
const IDLE_SOCKETS = 5000;
const SETTLE_MS = 3000;
/** Where the disk alone does this many syncs a second, the relay has a floor, too. */
const FAST_DISK = 2000;

type Load = Omit<LoadPlan, "connections" | "bodyBytes">;

/** The relay over its real socket, beside the disk alone and a bare echo. */
export async function benchRelay(): Promise<Row[]> {
  return [...(await throughputAndLatency()), ...(await idleMemory())];
}

async function throughputAndLatency(): Promise<Row[]> {
  const relay = await startRelayChild();
  const echo = await startEcho();
  try {
    const { raw, rate } = await throughput(relay);
    const one = await load({ url: relay.url, server: "relay", seconds: SECONDS, mode: { type: "closed", depth: 1 } });
    const echoed = await load({
      url: echo.url,
      server: "echo",
      seconds: SECONDS,
      mode: { type: "closed", depth: DEPTH },
    });
    const half = { seconds: SECONDS, mode: { type: "open", rate: rate / 2 } } as const;
    const [bare, loaded]: [LoadResult[], LoadResult[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await load({ url: echo.url, server: "echo", ...half }));
      loaded.push(await load({ url: relay.url, server: "relay", ...half }));
    }
    const syncs = { what: "fdatasync alone/s", value: raw };
    return [
      {
        what: `appends, ${String(CONNECTIONS)} connections × ${String(DEPTH)} under way, 1 KiB`,
        measured: rate,
        unit: "/s",
        baseline: syncs,
        target: { of: "ratio", atLeast: 4 },
      },
      ...(raw < FAST_DISK
        ? []
        : [
            {
              what: "the same, on a disk this fast",
              measured: rate,
              unit: "/s",
              target: { of: "measured" as const, atLeast: 10_000 },
            },
          ]),
      {
        what: `appends, ${String(CONNECTIONS)} connections × 1 under way`,
        measured: one.rate,
        unit: "/s",
        baseline: syncs,
      },
      {
        what: "appends beside frames of a bare echo",
        measured: rate,
        unit: "/s",
        baseline: { what: "echo/s", value: echoed.rate },
      },
      ...latencyRows(calmest(loaded), calmest(bare)),
    ];
  } finally {
    echo.stop();
    await relay.stop();
  }
}

/**
 * A disk's speed changes from second to second, so each round stands beside what the disk did right before and after;
 * the round whose ratio is the median speaks for all.
 */
async function throughput({ url, folder }: RelayChild): Promise<{ readonly raw: number; readonly rate: number }> {
  const rounds: { readonly raw: number; readonly rate: number }[] = [];
  let before = rawSyncRate(folder, BODY_BYTES, RAW_SECONDS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const { rate } = await load({ url, server: "relay", seconds: SECONDS, mode: { type: "closed", depth: DEPTH } });
    const after = rawSyncRate(folder, BODY_BYTES, RAW_SECONDS);
    rounds.push({ raw: (before + after) / 2, rate });
    before = after;
  }
  const middle = rounds.toSorted((a, b) => a.rate / a.raw - b.rate / b.raw)[Math.floor(ROUNDS / 2)];
  if (middle === undefined) throw new RangeError("nothing was measured");
  return middle;
}

/** The round that others on the machine disturbed least. */
function calmest(rounds: readonly LoadResult[]): LoadResult {
  const [best] = rounds.toSorted((a, b) => a.answered.p99 - b.answered.p99);
  if (best === undefined) throw new RangeError("nothing was measured");
  return best;
}

function latencyRows(loaded: LoadResult, bare: LoadResult): Row[] {
  return [
    {
      what: "rate kept at half load",
      measured: loaded.rate,
      unit: "/s",
      baseline: { what: "echo/s", value: bare.rate },
    },
    ...(["p50", "p99"] as const).flatMap((part): Row[] => [
      {
        what: `half load: due to acknowledged, ${part}`,
        measured: loaded.answered[part],
        unit: "ms",
        baseline: { what: "echo ms", value: bare.answered[part] },
      },
      {
        what: `half load: added by the relay, ${part}`,
        measured: loaded.answered[part] - bare.answered[part],
        unit: "ms",
        ...(part === "p99" ? { target: { of: "measured", atMost: 25 } as const } : {}),
      },
      { what: `half load: acknowledged to delivered, ${part}`, measured: loaded.delivered?.[part] ?? NaN, unit: "ms" },
      { what: `half load: due to delivered, ${part}`, measured: loaded.dueToDelivered?.[part] ?? NaN, unit: "ms" },
    ]),
  ];
}

async function idleMemory(): Promise<Row[]> {
  const relay = await startRelayChild();
  try {
    // The first sockets pay for what is there once.
    const warm = await holdIdle(relay.url, 100);
    await sleep(SETTLE_MS);
    const before = residentBytes(relay.pid);
    const idle = await holdIdle(relay.url, IDLE_SOCKETS);
    await sleep(SETTLE_MS);
    const each = (residentBytes(relay.pid) - before) / IDLE_SOCKETS;
    warm();
    idle();
    return [
      {
        what: `resident memory of the relay for each of ${String(IDLE_SOCKETS)} idle sockets`,
        measured: each / 1024,
        unit: "KiB",
        target: { of: "measured", atMost: 16 },
      },
    ];
  } finally {
    await relay.stop();
  }
}

async function startEcho(): Promise<{ readonly url: string; readonly stop: () => void }> {
  const child = spawnOwn("echo-server.ts", []);
  const { url } = (await firstJsonLine(child)) as { readonly url: string }; // echo-server.ts wrote it
  return { url, stop: () => child.kill() };
}

async function holdIdle(url: string, count: number): Promise<() => void> {
  const child = spawnOwn("idle-sockets.ts", [url, String(count)]);
  await firstJsonLine(child);
  return () => child.kill();
}

async function load(plan: Load): Promise<LoadResult> {
  const whole: LoadPlan = { connections: CONNECTIONS, bodyBytes: BODY_BYTES, ...plan };
  return (await firstJsonLine(spawnOwn("load-generator.ts", [JSON.stringify(whole)]))) as LoadResult; // it wrote it
}

function spawnOwn(file: string, args: readonly string[]): ReturnType<typeof spawn> {
  return spawn(process.execPath, [join(import.meta.dirname, file), ...args], { stdio: ["ignore", "pipe", "inherit"] });
}

/** @throws where there is no procfs: the figure is of Linux. */
function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/status`, "utf8"))?.[1];
  if (kib === undefined) throw new RangeError("the system does not tell resident memory");
  return Number(kib) * 1024;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
