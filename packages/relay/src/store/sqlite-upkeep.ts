import { basename } from "node:path";
import type { LogLimits } from "../logs/log-store.ts";
import { Latencies } from "../operating/status/latencies.ts";
import type { Snapshot } from "../operating/snapshot.ts";
import type { StoreHealth, StoreUpkeep } from "../operating/store-upkeep.ts";
import type { StoreFailedError } from "./relay-store.ts";
import { SCHEMA_VERSION } from "./schema.ts";
import type { StoreThreadMessage, StoreThreadRequest } from "./store-thread.ts";

type Told = Extract<StoreThreadMessage, { readonly type: "health" }>;

/** The upkeep of a store in SQLite: asks its thread, and keeps how long its syncs took. */
export class SqliteUpkeep implements StoreUpkeep {
  readonly kind = "sqlite";
  readonly format = SCHEMA_VERSION;
  readonly #post: (request: StoreThreadRequest) => void;
  readonly #path: string;
  readonly #syncs = new Latencies();
  /** Who asked, in order: the thread answers in order. */
  readonly #waiting: { readonly told: (told: Told) => void; readonly failed: (error: Error) => void }[] = [];
  #failure: StoreFailedError | undefined;

  /** @param path - The database. */
  constructor(path: string, post: (request: StoreThreadRequest) => void, failed: Promise<StoreFailedError>) {
    this.#path = path;
    this.#post = post;
    void failed.then((error) => {
      this.#failure = error;
      for (const { failed: tell } of this.#waiting.splice(0)) tell(error);
    });
  }

  /** The thread synced a batch. */
  synced(tookMs: number): void {
    this.#syncs.record(tookMs, performance.now());
  }

  /** The thread answered. */
  told(message: Told): void {
    this.#waiting.shift()?.told(message);
  }

  /** @throws StoreFailedError when storage failed before the answer came. */
  async health(now: number): Promise<StoreHealth> {
    if (this.#failure !== undefined) throw this.#failure;
    const { expiryBacklog, checkpointLagBytes } = await new Promise<Told>((told, failed) => {
      this.#waiting.push({ told, failed });
      this.#post({ type: "health", now });
    });
    // A database that is damaged anywhere is not served at all.
    return { syncs: this.#syncs.summary(performance.now()), expiryBacklog, checkpointLagBytes, damagedEntries: 0 };
  }

  snapshot(): Promise<Snapshot> {
    return Promise.resolve({ databases: [basename(this.#path)], files: [], release: () => undefined });
  }

  setLimits(limits: LogLimits, reserveBytes: number): Promise<void> {
    this.#post({ type: "limits", limits, reserveBytes });
    return Promise.resolve();
  }
}
