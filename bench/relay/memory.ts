import { readdirSync, readFileSync } from "node:fs";

/**
 * Memory of a process and of all it has started, in bytes: pages that several share are counted once.
 *
 * @throws where there is no procfs: the figure is of Linux.
 */
export function memoryOf(pid: number): number {
  return familyOf(pid).reduce((sum, each) => sum + proportionalBytes(each), 0);
}

const KIB = 1024;

/** The process, and then its descendants. */
export function familyOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    const parent = /^\d+$/.test(name) ? Number(fieldsOf(Number(name))[1]) : NaN;
    if (!Number.isNaN(parent)) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const all = [pid];
  for (const each of all) all.push(...(children.get(each) ?? []));
  return all;
}

function proportionalBytes(pid: number): number {
  const kib = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${String(pid)}/smaps_rollup`, "utf8"))?.[1];
  if (kib === undefined) throw new RangeError("the system does not tell a process's memory");
  return Number(kib) * KIB;
}

/** Fields of `/proc/PID/stat` behind the name, which may hold anything; none for a process that has just gone. */
function fieldsOf(pid: number): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
