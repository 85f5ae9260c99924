import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Log } from "@stonechat/serving";
import type { FrontSettings } from "./front.ts";

/** Fronts hold many sockets that live long: a small room for what is new costs them little, and memory less. */
const YOUNG_MEMORY = "--max-semi-space-size=8";
const RESTART_MS = 200;
const MAX_RESTART_MS = 10_000;
/** A front that lived this long failed for some new reason. */
const STEADY_MS = 60_000;

/** The processes of the fronts. One that ends on its own is started again, more slowly each time. */
export class FrontProcesses {
  #settings: Omit<FrontSettings, "port">;
  readonly #log: Log;
  readonly #children = new Set<ChildProcess>();
  #port: number;
  #stopping = false;

  constructor(settings: Omit<FrontSettings, "port">, port: number, log: Log) {
    this.#settings = settings;
    this.#port = port;
    this.#log = log;
  }

  /** Starts `count` of them. @returns the port on which all of them listen. @throws Error when one does not come up. */
  async start(count: number): Promise<number> {
    // The first one may have to choose the port.
    this.#port = await this.#begin(RESTART_MS);
    await Promise.all(Array.from({ length: count - 1 }, () => this.#begin(RESTART_MS)));
    return this.#port;
  }

  /** The process ids, for an operator's eyes and for tests that end one. */
  get pids(): readonly number[] {
    return [...this.#children].flatMap(({ pid }) => pid ?? []);
  }

  /** Tells these to those that run, and to those that will be started. */
  adjust(settings: Pick<FrontSettings, "config" | "admission">): void {
    this.#settings = { ...this.#settings, ...settings };
    for (const child of this.#children) if (child.connected) child.send({ ...this.#settings, port: this.#port });
  }

  /** Starts no more; resolves when all have ended. The hub has told them to, or lets go of them. */
  async ended(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#children].map((child) => once(child, "exit")));
  }

  /** Ends what is left the hard way. */
  kill(): void {
    this.#stopping = true;
    for (const child of this.#children) child.kill("SIGKILL");
  }

  async #begin(restartMs: number): Promise<number> {
    const child = fork(new URL("./front-process.ts", import.meta.url), {
      execArgv: [...process.execArgv, YOUNG_MEMORY],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const startedAt = performance.now();
    this.#children.add(child);
    child.once("exit", () => {
      this.#children.delete(child);
      this.#again(performance.now() - startedAt > STEADY_MS ? RESTART_MS : restartMs);
    });
    return await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => {
        resolve((message as { readonly port: number }).port); // what front-process.ts says
      });
      child.once("exit", (code) => {
        reject(new Error(`a front did not come up: exit code ${String(code)}`));
      });
      child.send({ ...this.#settings, port: this.#port });
    });
  }

  #again(afterMs: number): void {
    if (this.#stopping) return;
    this.#log({ level: "error", event: "front-ended" });
    setTimeout(() => {
      if (this.#stopping) return;
      void this.#begin(Math.min(afterMs * 2, MAX_RESTART_MS)).catch(() => undefined); // its exit was logged above
    }, afterMs);
  }
}
