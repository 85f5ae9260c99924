import { Worker } from "node:worker_threads";
import type {
  AppendEntry,
  AppendOutcome,
  CommitEntry,
  CreateLog,
  CreateOutcome,
  DestroyLog,
  DestroyOutcome,
  ExpireOutcome,
  LogStats,
  ReadLog,
  ReadOutcome,
} from "../logs/log-store.ts";
import type { Lineage } from "../lineage/lineage.ts";
import type {
  AskPool,
  PoolStore,
  PutOutcome,
  PutPool,
  StatusOutcome,
  TakeOutcome,
  TakePool,
} from "../pools/pool-store.ts";
import { askLineage } from "../lineage/ask-lineage.ts";
import { guardClosing } from "./closing-guard.ts";
import { operationBatch, outcomeBatch, type Operation, type Outcome } from "./operations.ts";
import { StoreFailedError, type RelayStore } from "./relay-store.ts";
import { SqliteUpkeep } from "./sqlite-upkeep.ts";
import type { StoreThreadData, StoreThreadMessage, StoreThreadRequest } from "./store-thread.ts";

/** Batches are cut so that one transaction stays short. */
const MAX_BATCH_OPERATIONS = 2000;
const MAX_BATCH_BYTES = 8 * 1024 * 1024;

interface Waiting {
  readonly operation: Operation;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Logs and pools in SQLite, on a thread of their own.
 *
 * While one batch is being written and synced the next one gathers, so that many callers share a sync.
 * [Note: Reads come after writes] Outcomes settle in the order of the batch, but a batch's reads see all its writes.
 */
export class SqliteStore implements RelayStore {
  /** Settles with the error when storage fails; never otherwise. */
  readonly failed: Promise<StoreFailedError>;
  readonly pools: PoolStore;
  readonly upkeep: SqliteUpkeep;
  readonly lineage: Lineage;
  #storageLow = false;
  readonly #worker: Worker;
  #queue: Waiting[] = [];
  #inFlight: readonly Waiting[] = [];
  #scheduled = false;
  #failure: StoreFailedError | undefined;
  #closing: (() => void) | undefined;
  readonly #fail: (error: StoreFailedError) => void;
  /** Not called after a failure: then the files must stay as they are. */
  readonly #release: () => void;

  private constructor(worker: Worker, path: string) {
    this.#worker = worker;
    this.#release = guardClosing(path);
    const { promise, resolve } = Promise.withResolvers<StoreFailedError>();
    this.failed = promise;
    this.#fail = resolve;
    const post = (request: StoreThreadRequest): void => {
      this.#post(request);
    };
    this.upkeep = new SqliteUpkeep(path, post, promise);
    worker.on("message", (message: StoreThreadMessage) => {
      this.#receive(message);
    });
    worker.on("error", (error) => {
      this.#failWith(error);
    });
    worker.on("exit", () => {
      if (this.#closing === undefined) this.#failWith(new Error("the store's thread ended"));
    });
    this.pools = {
      put: (what: PutPool): Promise<PutOutcome> => this.#ask({ type: "pool-put", ...what }),
      take: (what: TakePool): Promise<TakeOutcome> => this.#ask({ type: "pool-take", ...what }),
      status: (what: AskPool): Promise<StatusOutcome> => this.#ask({ type: "pool-status", ...what }),
    };
    this.lineage = askLineage((operation) => this.#ask(operation));
  }

  /** Opens the database on a thread. @throws what openDatabase throws, by name and message. Close it when done. */
  static async open(data: StoreThreadData): Promise<SqliteStore> {
    const worker = new Worker(new URL("./store-thread.ts", import.meta.url), { workerData: data, name: "store" });
    await new Promise<void>((resolve, reject) => {
      const settle = (message: StoreThreadMessage): void => {
        worker.off("error", reject);
        if (message.type === "open") {
          resolve();
          return;
        }
        const error = new Error(message.type === "failed" ? message.message : "the store did not open");
        if (message.type === "failed") error.name = message.name;
        reject(error);
      };
      worker.once("message", settle);
      worker.once("error", reject);
    });
    return new SqliteStore(worker, data.path);
  }

  /** Too little room on the disk: additions are refused, the rest goes on. */
  get storageLow(): boolean {
    return this.#storageLow;
  }

  create(log: CreateLog): Promise<CreateOutcome> {
    return this.#ask({ type: "create", ...log });
  }
  append(entry: AppendEntry): Promise<AppendOutcome> {
    return this.#ask({ type: "append", ...entry });
  }
  commit(entry: CommitEntry): Promise<AppendOutcome> {
    return this.#ask({ type: "commit", ...entry });
  }
  read(what: ReadLog): Promise<ReadOutcome> {
    return this.#ask({ type: "read", ...what });
  }
  destroy(log: DestroyLog): Promise<DestroyOutcome> {
    return this.#ask({ type: "destroy", ...log });
  }
  async stats(): Promise<LogStats> {
    const { logs, entries, bytes } = await this.#ask<LogStats>({ type: "stats" });
    return { logs, entries, bytes };
  }

  async expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    const outcome: Outcome = await this.#ask({ type: "expire", now, maxEntries });
    return outcome.type === "expired" ? { expired: outcome.expired, more: outcome.more } : { expired: 0, more: false };
  }

  /** Finishes what is queued, copies the write-ahead log back and stops the thread. */
  async close(): Promise<void> {
    if (this.#failure !== undefined || this.#closing !== undefined) return;
    while (this.#queue.length > 0 || this.#inFlight.length > 0) await this.stats();
    await new Promise<void>((resolve) => {
      this.#closing = resolve;
      this.#post({ type: "finish" });
    });
    await this.#worker.terminate();
  }

  /** The outcome's type is what the engine returns for this operation: one switch in store-engine.ts. */
  #ask<T>(operation: Operation): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#failure !== undefined) {
        reject(this.#failure);
        return;
      }
      this.#queue.push({ operation, resolve: resolve as (outcome: Outcome) => void, reject });
      this.#schedule();
    });
  }

  /** Waits for the end of this turn of the event loop: what arrives together is stored together. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight.length > 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#send();
    });
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#queue.length === 0) return;
    let bytes = 0;
    let count = 0;
    for (const { operation } of this.#queue) {
      if (count === MAX_BATCH_OPERATIONS || bytes > MAX_BATCH_BYTES) break;
      bytes += weight(operation);
      count += 1;
    }
    this.#inFlight = this.#queue.splice(0, count);
    const batch = operationBatch.encode(this.#inFlight.map(({ operation }) => operation));
    this.#post({ type: "operations", bytes: batch }, [batch.buffer as ArrayBuffer]); // encode gives a copy of its own
  }

  #post(request: StoreThreadRequest, transfer: readonly ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, [...transfer]);
  }

  #receive(message: StoreThreadMessage): void {
    switch (message.type) {
      case "outcomes": {
        this.#storageLow = message.storageLow;
        if (message.syncMs !== undefined) this.upkeep.synced(message.syncMs);
        const done = this.#inFlight;
        this.#inFlight = [];
        // The next batch goes out before the answers of this one are worked on: the thread must not wait for us.
        this.#send();
        this.#settle(done, outcomeBatch.decode(message.bytes));
        break;
      }
      case "health":
        this.upkeep.told(message);
        break;
      case "failed":
        this.#failWith(new Error(message.message));
        break;
      case "finished":
        this.#release();
        this.#post({ type: "close" });
        break;
      case "closed":
        this.#closing?.();
        break;
      case "open":
        break;
    }
  }

  #settle(done: readonly Waiting[], outcomes: readonly Outcome[]): void {
    for (const [i, waiting] of done.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) throw new RangeError("the store answered too little");
      waiting.resolve(outcome);
    }
  }

  #failWith(cause: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = new StoreFailedError("storage failed", { cause });
    for (const { reject } of [...this.#inFlight, ...this.#queue]) reject(this.#failure);
    this.#queue = [];
    this.#fail(this.#failure);
    this.#closing?.();
  }
}

function weight(operation: Operation): number {
  switch (operation.type) {
    case "append":
    case "commit":
      return operation.body.length;
    case "pool-put":
      return operation.keyPackages.reduce((sum, { length }) => sum + length, 0);
    case "read":
      return operation.limit === 0 ? 0 : operation.maxBytes;
    case "create":
    case "destroy":
    case "expire":
    case "stats":
    case "pool-take":
    case "pool-status":
    case "lineage-begin":
    case "lineage-mark":
    case "lineage-runs":
      return 0;
  }
}
