import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startStonechat } from "./processes.ts";

/** A relay in a process of its own, which can be killed and started again at the same address. */
export class Relay {
  readonly folder: string;
  readonly #data: string;
  readonly #options: readonly string[];
  #process: ChildProcess | undefined;
  #url: string | undefined;
  #output = "";

  private constructor(folder: string, options: readonly string[]) {
    this.folder = folder;
    this.#data = join(folder, "data");
    this.#options = options;
  }

  /** Starts one on a free port, with its data below `folder`. Anyone may join unless `options` say otherwise. */
  static async start(folder: string, options: readonly string[] = ["--admission", "open"]): Promise<Relay> {
    const relay = new Relay(folder, options);
    await relay.start();
    return relay;
  }

  get url(): string {
    if (this.#url === undefined) throw new RangeError("the relay was never started");
    return this.#url;
  }

  get data(): string {
    return this.#data;
  }

  /** Everything it ever wrote to its two outputs. */
  get output(): string {
    return this.#output;
  }

  async start(): Promise<void> {
    const address = this.#url === undefined ? "127.0.0.1:0" : new URL(this.#url).host;
    const args = ["relay", "start", "--data", this.#data, "--listen", address, "--json", ...this.#options];
    const child = startStonechat(args, this.folder);
    this.#process = child;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    this.#url = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => {
        reject(new Error(`the relay did not start: ${this.#output}`));
      });
      if (child.stdout === null) return;
      createInterface(child.stdout).on("line", (line) => {
        this.#output += `${line}\n`;
        const ready = JSON.parse(line) as { readonly type: string; readonly url: string };
        if (ready.type === "ready") resolve(ready.url);
      });
    });
  }

  /** `SIGKILL` leaves it no time for anything. */
  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Every file of the data folder, whole, with its name. */
  files(): readonly { readonly name: string; readonly bytes: Buffer }[] {
    return readdirSync(this.#data, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => ({ name: entry.name, bytes: readFileSync(join(entry.parentPath, entry.name)) }));
  }
}
