import type { Run, RunId } from "@stonechat/protocol";

/** Runs that are kept; older ones are forgotten. */
export const KEPT_RUNS = 1000;

/**
 * The runs of a relay over its store, kept in the store itself, so that whoever puts back an older copy of the store puts
 * back an older lineage with it. See [Note: How a relay that was put back is noticed].
 *
 * Each call is atomic, and a promise settles only when the change survives a power cut. Several processes may share one
 * store: what one of them wrote the others must tell at once, or clients that move between them would be alarmed.
 */
export interface Lineage {
  /**
   * Adds a run behind the newest.
   *
   * @param id - Random, and never used before.
   * @param now - Milliseconds since 1970.
   * @returns The run, or undefined when the disk has no room even for it.
   */
  begin(id: RunId, now: number): Promise<Run | undefined>;
  /** Moves the newest run's `at` on to `now`, or by 1 ms where the clock went back. Without any run it does nothing. */
  mark(now: number): Promise<void>;
  /** The newest `limit` runs, oldest first. */
  runs(limit: number): Promise<readonly Run[]>;
}

/** When a run that stood at `at` is marked at `now`: it only ever grows. */
export function nextMark(at: number, now: number): number {
  return Math.max(at + 1, now);
}
