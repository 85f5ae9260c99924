import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

const SHOWN = 30;

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where the time went, of each profile that Node's `--cpu-prof` left in `folder`: the functions with most time of their own. */
export function summarizeProfiles(folder: string): string {
  const files = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  return files.map((name) => summarize(JSON.parse(readFileSync(join(folder, name), "utf8")) as Profile)).join("\n\n");
}

function summarize({ nodes, samples, timeDeltas }: Profile): string {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  let total = 0;
  for (const [i, id] of samples.entries()) {
    const name = names.get(id) ?? "?";
    const micros = timeDeltas[i] ?? 0;
    total += micros;
    times.set(name, (times.get(name) ?? 0) + micros);
  }
  const lines = [...times]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, micros]) => `${((100 * micros) / total).toFixed(1).padStart(6)} %  ${name}`);
  return [`${(total / 1e6).toFixed(1)} s of one thread`, ...lines].join("\n");
}

function nameOf({ functionName, url, lineNumber }: Profile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? "(anonymous)" : functionName;
  return url === "" ? name : `${name}  ${basename(url)}:${String(lineNumber + 1)}`;
}
