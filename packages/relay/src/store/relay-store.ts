import type { Lineage } from "../lineage/lineage.ts";
import type { LogStore } from "../logs/log-store.ts";
import type { StoreUpkeep } from "../operating/store-upkeep.ts";
import type { PoolStore } from "../pools/pool-store.ts";

/** Storage failed in a way after which nothing may be acknowledged. The process must end. */
export class StoreFailedError extends Error {
  override readonly name = "StoreFailedError";
  readonly code = "store-failed";
}

/** Logs and pools of one relay, whatever keeps them. Close it when done. */
export interface RelayStore extends LogStore {
  readonly pools: PoolStore;
  /** For the person who runs the relay. Absent where another process keeps the store. */
  readonly upkeep?: StoreUpkeep;
  /** Absent: clients of this store are told of no runs, and cannot notice by them that it was put back. */
  readonly lineage?: Lineage;
  /** Settles with the error when storage fails; never otherwise. Then nothing more is acknowledged. */
  readonly failed: Promise<StoreFailedError>;
  /** Too little room to accept more: additions are refused, the rest goes on. */
  readonly storageLow: boolean;
  /** Finishes what was asked before. */
  close(): Promise<void>;
}
