import type { Lineage } from "../lineage/lineage.ts";
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
import type { PoolStore } from "../pools/pool-store.ts";
import type { RelayStore, StoreFailedError } from "../store/relay-store.ts";
import type { StoreUpkeep } from "../operating/store-upkeep.ts";
import type { SegmentStore } from "./segment-store.ts";
import { SegmentUpkeep } from "./segment-upkeep.ts";

/** Logs in segments, and all the rest in another store. */
export class SegmentRelayStore implements RelayStore {
  readonly failed: Promise<StoreFailedError>;
  readonly pools: PoolStore;
  readonly expirySlice: number;
  readonly lineage?: Lineage;
  readonly upkeep: StoreUpkeep;
  readonly #logs: SegmentStore;
  readonly #rest: RelayStore;

  /** Both are closed with this. */
  constructor(logs: SegmentStore, rest: RelayStore) {
    this.#logs = logs;
    this.#rest = rest;
    this.failed = Promise.race([logs.failed, rest.failed]);
    this.pools = rest.pools;
    this.expirySlice = logs.expirySlice;
    this.upkeep = new SegmentUpkeep(logs, rest.upkeep);
    if (rest.lineage !== undefined) this.lineage = rest.lineage;
  }

  get storageLow(): boolean {
    return this.#logs.storageLow || this.#rest.storageLow;
  }

  create(log: CreateLog): Promise<CreateOutcome> {
    return this.#logs.create(log);
  }
  append(entry: AppendEntry): Promise<AppendOutcome> {
    return this.#logs.append(entry);
  }
  commit(entry: CommitEntry): Promise<AppendOutcome> {
    return this.#logs.commit(entry);
  }
  read(what: ReadLog): Promise<ReadOutcome> {
    return this.#logs.read(what);
  }
  destroy(log: DestroyLog): Promise<DestroyOutcome> {
    return this.#logs.destroy(log);
  }
  expire(now: number, maxEntries: number): Promise<ExpireOutcome> {
    return this.#logs.expire(now, maxEntries);
  }
  stats(): Promise<LogStats> {
    return this.#logs.stats();
  }

  async close(): Promise<void> {
    await this.#logs.close();
    await this.#rest.close();
  }
}
