import { join } from "node:path";
import { indexMemory, memoryNeeded, openFilesNeeded } from "../needs.ts";
import type { RelayConfig } from "../../config.ts";
import { indexedEntries } from "../../segments/segment-index.ts";
import { parseName } from "../../segments/segment-names.ts";
import { ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const MIB = 1024 * 1024;
/** cgroup v1 says "no limit" with a number near 2^63. */
const NO_LIMIT = 2 ** 60;

/** What the system lets a process have, against what the settings promise. `pid`: of the running relay, if one runs. */
export async function checkLimits(
  machine: Machine,
  config: RelayConfig,
  pid: number | undefined,
): Promise<readonly Finding[]> {
  return [await checkOpenFiles(machine, config, pid), await checkMemory(machine, config, pid)];
}

async function checkOpenFiles(machine: Machine, config: RelayConfig, pid: number | undefined): Promise<Finding> {
  const limits = await machine.readText(procPath(pid, "limits"));
  const [, soft = "", hard = ""] = /^Max open files +(\d+|unlimited) +(\d+|unlimited)/m.exec(limits ?? "") ?? [];
  // Node raises its own limit to the hard one when it starts.
  const allowed = hard === "unlimited" ? Infinity : Number(hard === "" ? soft : hard);
  const needed = openFilesNeeded(config);
  if (limits === undefined || allowed === 0)
    return ok("open-files", "this system does not tell how many a process may have");
  const whose = pid === undefined ? "A process started from here" : "The relay";
  const fronts = config.fronts === 1 ? "" : ` in ${String(config.fronts)} fronts`;
  const ofAll = `${String(config.maxConnections)} connections${fronts} need ${String(needed)}${fronts === "" ? "" : " each"}`;
  if (allowed >= needed) return ok("open-files", `${whose} may open ${String(allowed)}, ${ofAll}`);
  return warning(
    "open-files",
    `${whose} may open ${String(allowed)} files, but ${ofAll}.`,
    `Set LimitNOFILE=${String(needed)} in the systemd unit (ulimit -n elsewhere), raise fronts, or lower maxConnections.`,
  );
}

async function checkMemory(machine: Machine, config: RelayConfig, pid: number | undefined): Promise<Finding> {
  const allowed = Math.min(machine.memoryBytes, await memoryLimit(machine, pid));
  const entries = config.store === "segments" ? await keptEntries(machine, join(config.data, "segments")) : 0;
  const needed = memoryNeeded(config) + indexMemory({ logs: 0, entries });
  const kept = entries === 0 ? "" : ` and the index of ${String(entries)} entries`;
  const what = `${String(config.maxConnections)} connections${kept}`;
  const both = `${mib(allowed)} MiB, and about ${mib(needed)} are needed for ${what}`;
  if (allowed >= needed) return ok("memory", `the relay may use ${both}`);
  const less =
    kept === "" ? "" : ", keep messages for fewer days, or convert the folder to sqlite, which has no index in memory";
  return warning(
    "memory",
    `The relay may use ${both}.`,
    `Raise the limit (MemoryMax, the container's, or the machine's memory), or lower maxConnections${less}.`,
  );
}

/** By the files of the index; what the newest segment holds is not among them. */
async function keptEntries(machine: Machine, folder: string): Promise<number> {
  let entries = 0;
  for (const name of await machine.list(folder)) {
    if (parseName(name).kind === "idx")
      entries += indexedEntries((await machine.facts(join(folder, name)))?.bytes ?? 0);
  }
  return entries;
}

/** The narrowest limit of the control groups that the process is in. */
async function memoryLimit(machine: Machine, pid: number | undefined): Promise<number> {
  const groups = (await machine.readText(procPath(pid, "cgroup"))) ?? "";
  const unified = /^0::(\/.*)$/m.exec(groups)?.[1];
  const own = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(groups)?.[1];
  const files = [
    ...foldersOf(unified).map((path) => `/sys/fs/cgroup${path}/memory.max`),
    ...foldersOf(own).map((path) => `/sys/fs/cgroup/memory${path}/memory.limit_in_bytes`),
  ];
  const limits = await Promise.all(files.map((file) => machine.readText(file)));
  const numbers = limits.map((text) => Number(text?.trim())).filter((limit) => limit > 0 && limit < NO_LIMIT);
  return Math.min(Infinity, ...numbers);
}

/** `/a/b` lies in `/a/b`, `/a` and the root: each may set a limit. */
function foldersOf(path: string | undefined): readonly string[] {
  if (path === undefined) return [];
  const parts = path.split("/").filter((part) => part !== "" && part !== "..");
  return ["", ...parts.map((_, i) => `/${parts.slice(0, i + 1).join("/")}`)];
}

function procPath(pid: number | undefined, name: string): string {
  return `/proc/${pid === undefined ? "self" : String(pid)}/${name}`;
}

function mib(bytes: number): string {
  return String(Math.round(bytes / MIB));
}
