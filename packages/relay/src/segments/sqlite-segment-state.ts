import { Worker } from "node:worker_threads";
import { guardClosing } from "../store/closing-guard.ts";
import type { LogState } from "./segment-log.ts";
import type { SavedState, SegmentState, StateChange } from "./segment-state.ts";
import { StateDatabase } from "./state-database.ts";
import type { StateThreadAnswer, StateThreadRequest } from "./state-thread.ts";

/** So few that neither thread is busy with them for long. */
const LOGS_A_PART = 500;

/** The saved state in SQLite. It is loaded at once, before anybody is served, and saved on a thread of its own. */
export class SqliteSegmentState implements SegmentState {
  readonly #path: string;
  #worker: Worker | undefined;
  #release: () => void = () => undefined;
  #failed = false;
  readonly #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  async load(take?: (log: LogState) => void): Promise<SavedState | undefined> {
    const database = new StateDatabase(this.#path);
    try {
      return await Promise.resolve(database.load(take));
    } finally {
      database.close();
    }
  }

  /** @throws Error with code `ENOSPC` when there was no room, and nothing was saved. */
  async save({ logs, ...rest }: StateChange): Promise<void> {
    const part: LogState[] = [];
    let first = true;
    const send = async (): Promise<void> => {
      await this.#ask({ type: "logs", logs: part.splice(0), first });
      first = false;
    };
    for (const log of logs) {
      part.push(log);
      if (part.length >= LOGS_A_PART) await send();
    }
    await send();
    await this.#ask({ type: "commit", rest });
  }

  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    // After a failure the files must stay as they are: see guardClosing.
    if (!this.#failed) {
      this.#release();
      await this.#ask({ type: "close" });
    }
    await this.#worker.terminate();
    this.#worker = undefined;
  }

  #ask(request: StateThreadRequest): Promise<void> {
    const worker = (this.#worker ??= this.#start());
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  #start(): Worker {
    this.#release = guardClosing(this.#path);
    const worker = new Worker(new URL("./state-thread.ts", import.meta.url), {
      workerData: { path: this.#path },
      name: "state",
    });
    worker.on("message", (answer: StateThreadAnswer) => {
      const waiting = this.#waiting.shift();
      if (answer.type === "done") waiting?.resolve();
      else if (answer.type === "full")
        waiting?.reject(Object.assign(new Error("no room to save the table of logs"), { code: "ENOSPC" }));
      else {
        this.#failed = true;
        waiting?.reject(Object.assign(new Error(answer.message), { name: answer.name }));
      }
    });
    worker.on("error", (error) => {
      for (const { reject } of this.#waiting.splice(0))
        reject(error instanceof Error ? error : new Error("the thread that saves the table of logs ended"));
    });
    return worker;
  }
}
