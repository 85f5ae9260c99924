import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Place } from "./load/wire.ts";

/** The product's relay in a process of its own, with limits out of the way of one busy neighbour. */
export interface RelayChild {
  readonly url: string;
  readonly pid: number;
  /** A folder on the disk that the relay writes to. */
  readonly folder: string;
  /** Stops it in order and removes its data. */
  stop(): Promise<void>;
}

/** Starts `stonechat relay start` in a fresh folder. `nodeArgs` are Node's own, as `--expose-gc`; `more` the relay's. */
export async function startRelayChild(
  nodeArgs: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): Promise<RelayChild> {
  const folder = mkdtempSync(join(tmpdir(), "stonechat-bench-"));
  const main = join(import.meta.dirname, "../../packages/cli/src/main.ts");
  const options = {
    data: join(folder, "data"),
    listen: "127.0.0.1:0",
    admission: "open",
    "log-quota-mib": "100000",
    "max-connections-per-prefix": "20000",
    "connections-per-second-per-prefix": "20000",
    ...more,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [...nodeArgs, main, "relay", "start", "--json", ...flags], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const orphan = (): void => void child.kill("SIGKILL");
  process.once("exit", orphan);
  child.once("exit", () => process.off("exit", orphan));
  try {
    const { url } = (await firstJsonLine(child)) as { readonly url?: string }; // as docs/CLI.md says
    if (url === undefined || child.pid === undefined) throw new RangeError("the relay did not say where it serves");
    return { url, pid: child.pid, folder, stop: () => stop(child, folder) };
  } catch (error) {
    await stop(child, folder);
    throw error;
  }
}

/** What the child first says on its standard output. @throws RangeError if it ends without a word. */
export async function firstJsonLine(child: ChildProcess): Promise<unknown> {
  if (child.stdout === null) throw new RangeError("standard output is not piped");
  const line = await createInterface(child.stdout)[Symbol.asyncIterator]().next();
  if (line.done === true) throw new RangeError("the child process ended before it was ready");
  return JSON.parse(line.value);
}

/** The place of a URL that one of our servers has said. */
export function placeOf(url: string): Place {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
}

async function stop(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
}
