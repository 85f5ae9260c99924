import { once } from "node:events";
import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { startStonechat } from "./processes.ts";

const NAMES = ["Alder", "Birch", "Cedar"] as const;
const THRESHOLD = 2;
/** All requests come from one relay at one address. */
const LIMITS = ["--registrations-per-day-per-prefix", "10000", "--requests-per-second-per-prefix", "10000"];

/** Three guards in processes of their own, of which two are needed. */
export class Guards {
  readonly #running: (Running | undefined)[];
  readonly #folder: string;
  readonly #addresses: readonly string[];
  /** The list that a relay is given with `--guards`. */
  readonly listFile: string;

  private constructor(folder: string, running: readonly Running[], listFile: string) {
    this.#folder = folder;
    this.#running = [...running];
    this.#addresses = running.map(({ url }) => new URL(url).host);
    this.listFile = listFile;
  }

  /** Starts them on free ports, with their data below `folder`. */
  static async start(folder: string): Promise<Guards> {
    const home = join(folder, "guards");
    mkdirSync(home, { mode: 0o700 });
    const running = await Promise.all(NAMES.map((name) => startGuard(home, name, "127.0.0.1:0")));
    const guards = await Promise.all(NAMES.map((name, at) => describeGuard(home, name, running[at]?.url ?? "")));
    const listFile = join(home, "guards.json");
    writeFileSync(listFile, JSON.stringify({ threshold: THRESHOLD, guards }));
    return new Guards(home, running, listFile);
  }

  /** `SIGKILL` leaves it no time for anything. */
  async stop(at: number, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#running[at]?.process;
    this.#running[at] = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Starts a stopped one again, at the same address and with the same data. */
  async restart(at: number): Promise<void> {
    const [name, address] = [NAMES[at], this.#addresses[at]];
    if (name === undefined || address === undefined) throw new RangeError("no such guard");
    this.#running[at] = await startGuard(this.#folder, name, address);
  }

  async stopAll(): Promise<void> {
    await Promise.all(NAMES.map((_, at) => this.stop(at)));
  }
}

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
}

async function startGuard(home: string, name: string, address: string): Promise<Running> {
  const args = ["guard", "start", "--json", "--data", join(home, name), "--listen", address, ...LIMITS];
  const child = startStonechat(args, home);
  child.stderr?.resume();
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => {
      reject(new Error(`guard ${name} did not start`));
    });
    if (child.stdout === null) return;
    createInterface(child.stdout).on("line", (line) => {
      const ready = JSON.parse(line) as { readonly type: string; readonly url: string };
      if (ready.type === "ready") resolve(ready.url);
    });
  });
  return { process: child, url };
}

async function describeGuard(home: string, name: string, url: string): Promise<unknown> {
  const words = ["--name", name, "--operator", `${name} e.V.`, "--public-url", url];
  const child = startStonechat(["guard", "describe", "--data", join(home, name), ...words], home);
  child.stdin?.end();
  const ended = once(child, "exit");
  const listing = child.stdout === null ? "" : await text(child.stdout);
  await ended;
  return JSON.parse(listing) as unknown;
}
