import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { summarizeProfiles } from "./cpu-profile.ts";
import type { RelayTarget } from "./load/orders.ts";
import type { Place } from "./load/wire.ts";

/** `npm run bench -- relay --cpu-prof`: every relay under test tells at its end where its time went. */
const PROFILE = "--cpu-prof";
/** Characters of what a relay last said that are shown when it does not start. */
const KEPT_WORDS = 2000;

/** The product's relay in a process of its own, with limits out of the way of one busy neighbour. */
export interface RelayChild {
  readonly url: string;
  readonly pid: number;
  /** For the load generator. */
  readonly target: RelayTarget;
  /** A folder on the disk that the relay writes to. */
  readonly folder: string;
  /** Stops it in order and removes its data, unless the folder was given. */
  stop(): Promise<void>;
  /** Ends it as a power cut would; its data stay until {@link stop}. */
  kill(): Promise<void>;
}

/**
 * Starts `stonechat relay start`. `nodeArgs` are Node's own, as `--expose-gc`; `more` the relay's settings: without `data` it
 * has a fresh folder.
 */
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
    "max-connections": "80000",
    "max-connections-per-prefix": "80000",
    "connections-per-second-per-prefix": "80000",
    "append-kib-per-second": "10000000",
    "append-kib-per-second-per-log": "10000000",
    "append-kib-per-second-per-prefix": "10000000",
    ...more,
  };
  // By the environment: one of them may hold a password.
  const env = Object.entries(options).map(([name, value]) => [`STONECHAT_RELAY_${snake(name)}`, value]);
  const profiles = process.argv.includes(PROFILE) ? join(folder, "profiles") : undefined;
  const ownArgs = profiles === undefined ? nodeArgs : [...nodeArgs, PROFILE, `--cpu-prof-dir=${profiles}`];
  const child = spawn(process.execPath, [...ownArgs, main, "relay", "start", "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...Object.fromEntries(env) },
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    said = (said + data.toString()).slice(-KEPT_WORDS);
  });
  const orphan = (): void => {
    child.kill("SIGKILL");
  };
  process.once("exit", orphan); // a bench that fails leaves nothing behind but its folder
  child.once("exit", () => process.off("exit", orphan));
  const stop = async (): Promise<void> => {
    await end(child, "SIGTERM");
    if (profiles !== undefined) process.stderr.write(`\n${summarizeProfiles(profiles)}\n`);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { url } = (await firstJsonLine(child)) as { readonly url?: string }; // as docs/CLI.md says
    if (url === undefined || child.pid === undefined) throw new RangeError("the relay did not say where it serves");
    const target: RelayTarget = { type: "relay", places: [placeOf(url)] };
    return { url, pid: child.pid, target, folder, stop, kill: () => end(child, "SIGKILL") };
  } catch (error) {
    await stop();
    throw new RangeError(`the relay did not start: ${said}`, { cause: error });
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

function snake(name: string): string {
  return name.replaceAll("-", "_").toUpperCase();
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
