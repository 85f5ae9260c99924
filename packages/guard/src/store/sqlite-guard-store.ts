import { Worker } from "node:worker_threads";
import { sha256 } from "@stonechat/crypto/guard";
import { toHex, type RecordId } from "@stonechat/protocol";
import { guardRecord, type Change, type Known } from "../machine/record.ts";
import { StoreFailedError, StoreFullError, type Decision, type GuardStore } from "./guard-store.ts";
import type { RowOperation, RowOutcome, StoreThreadMessage, StoreThreadRequest } from "./store-thread.ts";

/** A transaction is cut so that its rollback journal stays short. */
const MAX_BATCH_OPERATIONS = 128;

interface Waiting {
  readonly operation: RowOperation;
  readonly resolve: (outcome: RowOutcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Records in SQLite, on a thread of their own. While one batch is written and synced the next one gathers, so that many
 * requests share a sync.
 */
export class SqliteGuardStore implements GuardStore {
  readonly failed: Promise<StoreFailedError>;
  readonly #fail: (error: StoreFailedError) => void;
  readonly #worker: Worker;
  /** The last thing under way for each record, by its hash in hex. */
  readonly #last = new Map<string, Promise<unknown>>();
  #queue: Waiting[] = [];
  #inFlight: readonly Waiting[] = [];
  #records: number;
  #failure: StoreFailedError | undefined;
  #closed: (() => void) | undefined;

  private constructor(worker: Worker, records: number) {
    this.#worker = worker;
    this.#records = records;
    const { promise, resolve } = Promise.withResolvers<StoreFailedError>();
    this.failed = promise;
    this.#fail = resolve;
    worker.on("message", (message: StoreThreadMessage) => {
      this.#receive(message);
    });
    worker.on("error", (error) => {
      this.#failWith(error);
    });
    worker.on("exit", () => {
      if (this.#closed === undefined) this.#failWith(new Error("the store's thread ended"));
    });
  }

  /** Opens the database on a thread. @throws what openDatabase throws, by name and message. Close it when done. */
  static async open(path: string): Promise<SqliteGuardStore> {
    const worker = new Worker(new URL("./store-thread.ts", import.meta.url), { workerData: { path }, name: "store" });
    const records = await new Promise<number>((resolve, reject) => {
      worker.once("error", reject);
      worker.once("message", (message: StoreThreadMessage) => {
        worker.off("error", reject);
        if (message.type === "open") {
          resolve(message.records);
          return;
        }
        const error = new Error(message.type === "failed" ? message.message : "the store did not open");
        if (message.type === "failed") error.name = message.name;
        reject(error);
      });
    });
    return new SqliteGuardStore(worker, records);
  }

  get records(): number {
    return this.#records;
  }

  async update<T>(id: RecordId, decide: (known: Known) => Decision<T>): Promise<T> {
    const row = sha256(id);
    const name = toHex(row);
    const turn = this.#after(name, () => this.#decide(row, decide));
    this.#last.set(name, turn);
    try {
      return await turn;
    } finally {
      if (this.#last.get(name) === turn) this.#last.delete(name);
    }
  }

  async close(): Promise<void> {
    if (this.#failure !== undefined || this.#closed !== undefined) return;
    await Promise.allSettled(this.#last.values());
    await new Promise<void>((resolve) => {
      this.#closed = resolve;
      this.#post({ type: "close" });
    });
  }

  async #after<T>(name: string, work: () => Promise<T>): Promise<T> {
    // How the one before ended is its own caller's affair.
    await Promise.allSettled([this.#last.get(name)]);
    return work();
  }

  async #decide<T>(row: Uint8Array, decide: (known: Known) => Decision<T>): Promise<T> {
    const known = toKnown(await this.#ask({ type: "read", id: row }));
    const { change, answer } = decide(known);
    const operation = toOperation(row, change);
    if (operation === undefined) return answer;
    const difference = Number(change.type === "put") - Number(known.type === "alive");
    // At once, so that those who ask how many there are count what is on its way.
    this.#records += difference;
    if ((await this.#ask(operation)) === "durable") return answer;
    this.#records -= difference;
    throw new StoreFullError();
  }

  #ask(operation: RowOperation): Promise<RowOutcome> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#queue.push({ operation, resolve, reject });
      // What else this turn of the event loop brings goes along.
      if (this.#queue.length === 1) queueMicrotask(() => this.#flush());
    });
  }

  #flush(): void {
    if (this.#inFlight.length > 0 || this.#queue.length === 0) return;
    this.#inFlight = this.#queue.splice(0, MAX_BATCH_OPERATIONS);
    this.#post({ type: "operations", operations: this.#inFlight.map(({ operation }) => operation) });
  }

  #post(request: StoreThreadRequest): void {
    this.#worker.postMessage(request);
  }

  #receive(message: StoreThreadMessage): void {
    switch (message.type) {
      case "outcomes": {
        const done = this.#inFlight;
        this.#inFlight = [];
        this.#flush();
        for (const [at, { resolve }] of done.entries()) resolve(message.outcomes[at] ?? "full");
        break;
      }
      case "failed":
        this.#failWith(new Error(message.message));
        break;
      case "closed":
        this.#closed?.();
        break;
      case "open":
        break;
    }
  }

  #failWith(cause: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = new StoreFailedError("storage failed", { cause });
    for (const { reject } of [...this.#inFlight, ...this.#queue]) reject(this.#failure);
    this.#inFlight = [];
    this.#queue = [];
    this.#fail(this.#failure);
  }
}

function toKnown(outcome: RowOutcome): Known {
  if (outcome instanceof Uint8Array) return { type: "alive", record: guardRecord.decode(outcome) };
  return outcome === "dead" ? { type: "dead" } : { type: "absent" };
}

function toOperation(id: Uint8Array, change: Change): RowOperation | undefined {
  switch (change.type) {
    case "none":
      return undefined;
    case "put":
      return { type: "write", id, body: guardRecord.encode(change.record) };
    case "destroy":
      return { type: "destroy", id };
  }
}
