import type { LogLimits } from "../logs/log-store.ts";
import type { Snapshot } from "./snapshot.ts";
import type { LatencySummary } from "./status/latencies.ts";

/** What keeps the messages of a relay. */
export type StoreKind = "memory" | "sqlite" | "segments" | "postgres";

/** How a store fares. */
export interface StoreHealth {
  /** Of the batches of the last minutes: how long each took to be durable. */
  readonly syncs: LatencySummary;
  /** Entries that expired and are not erased yet; no more than {@link MAX_BACKLOG} are counted. */
  readonly expiryBacklog: number;
  /** Bytes written since the last checkpoint: what a start after a crash reads again. */
  readonly checkpointLagBytes: number;
  /** Entries that were found unreadable, since the start. */
  readonly damagedEntries: number;
}

/** Counting further would keep appends waiting. */
export const MAX_BACKLOG = 100_000;

/** What a store offers to the person who runs the relay. */
export interface StoreUpkeep {
  readonly kind: StoreKind;
  /** Version of the layout of what it keeps. */
  readonly format: number;
  health(now: number): Promise<StoreHealth>;
  /** From now on these hold. What is stored already stays. */
  setLimits(limits: LogLimits, reserveBytes: number): Promise<void>;
  /** What must be copied for a backup. Absent where messages are not kept in the data folder. */
  snapshot?(): Promise<Snapshot>;
}
