import { readdirSync, readFileSync } from "node:fs";
import type { Cost } from "../costs.ts";

const NANOS_PER_MICRO = 1000;

/** What processes have used so far, in microseconds: the busiest thread of each, which is the first, and all threads. */
export function processorTime(pids: readonly number[]): Cost {
  let [main, all] = [0, 0];
  for (const pid of pids) {
    const threads = threadTimes(pid);
    main += threads.get(pid) ?? 0;
    for (const micros of threads.values()) all += micros;
  }
  return { main, all };
}

/** Processes of this name that we started, or that they started. */
export function ownProcesses(name: string): readonly number[] {
  return descendantsOf(process.pid).filter((pid) => nameOf(pid) === name);
}

/** What a process has started, and what that has started. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = new Map(
    namesIn("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))]),
  );
  const all = [pid];
  for (const each of all) for (const [child, parent] of parents) if (parent === each) all.push(child);
  return all.slice(1);
}

/** The time that `work` took of `pids`, for each of `times`. */
export async function costOf(pids: readonly number[], times: number, work: () => Promise<unknown>): Promise<Cost> {
  const [cost] = await costsOf([pids], times, work);
  if (cost === undefined) throw new RangeError("one group in, one cost out");
  return cost;
}

/** The same for several groups of processes at once. */
export async function costsOf(
  groups: readonly (readonly number[])[],
  times: number,
  work: () => Promise<unknown>,
): Promise<readonly Cost[]> {
  const before = groups.map(processorTime);
  await work();
  return groups.map((pids, i) => {
    const after = processorTime(pids);
    const { main = 0, all = 0 } = before[i] ?? {};
    return { main: (after.main - main) / times, all: (after.all - all) / times };
  });
}

export function less(a: Cost, b: Cost): Cost {
  return { main: Math.max(0, a.main - b.main), all: Math.max(0, a.all - b.all) };
}

export function scaled(a: Cost, factor: number): Cost {
  return { main: a.main * factor, all: a.all * factor };
}

function threadTimes(pid: number): ReadonlyMap<number, number> {
  const folder = `/proc/${String(pid)}/task`;
  return new Map(
    namesIn(folder).map((name) => {
      // "time on the processor in ns, time waiting for it in ns, turns": Documentation/scheduler/sched-stats.rst
      const [nanos = "0"] = textOf(`${folder}/${name}/schedstat`).split(" ");
      return [Number(name), Number(nanos) / NANOS_PER_MICRO];
    }),
  );
}

/** The second field behind the name in brackets, which may hold anything. */
function parentOf(pid: number): number {
  const stat = textOf(`/proc/${String(pid)}/stat`);
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function nameOf(pid: number): string {
  return textOf(`/proc/${String(pid)}/comm`).trim();
}

/** Processes and threads may end while we look. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
