import type { LogStore } from "../logs/log-store.ts";
import type { PoolStore } from "../pools/pool-store.ts";

/** Storage failed in a way after which nothing may be acknowledged. The process must end. */
export class StoreFailedError extends Error {
  override readonly name = "StoreFailedError";
  readonly code = "store-failed";
}

/** Logs and pools of one relay, whatever keeps them. Close it when done. */
export interface RelayStore extends LogStore {
  readonly pools: PoolStore;
  /** Settles with the error when storage fails; never otherwise. Then nothing more is acknowledged. */
  readonly failed: Promise<StoreFailedError>;
  /** Too little room to accept more: additions are refused, the rest goes on. */
  readonly storageLow: boolean;
  /** Finishes what was asked before. */
  close(): Promise<void>;
}
