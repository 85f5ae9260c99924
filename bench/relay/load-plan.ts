import type { Percentiles } from "../percentiles.ts";

/**
 * What the load generator is to do: `closed` keeps `depth` requests of each connection under way; `open` sends `rate` a
 * second, evenly, whether or not earlier ones came back, and counts waiting from when each was due.
 */
export interface LoadPlan {
  readonly url: string;
  readonly server: "relay" | "echo";
  readonly connections: number;
  readonly bodyBytes: number;
  readonly seconds: number;
  readonly mode: { readonly type: "closed"; readonly depth: number } | { readonly type: "open"; readonly rate: number };
}

/** What came of it; times in milliseconds. */
export interface LoadResult {
  readonly rate: number;
  /** From when a request was due (`open`) or sent (`closed`) to its answer. */
  readonly answered: Percentiles;
  /** From the relay's acknowledgement to the entry at a subscriber; below 0 when the subscriber was first. `open` only. */
  readonly delivered?: Percentiles;
  /** From when a request was due to the entry at a subscriber. */
  readonly dueToDelivered?: Percentiles;
}
