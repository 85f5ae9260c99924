import type { Run, RunId } from "@stonechat/protocol";
import { KEPT_RUNS, nextMark, type Lineage } from "./lineage.ts";

/** A lineage in memory, for tests and the simulator: the slow, readable twin of the one in SQLite. */
export class MemoryLineage implements Lineage {
  #runs: readonly Run[];

  /** @param runs - What an older copy of the store holds. */
  constructor(runs: readonly Run[] = []) {
    this.#runs = runs;
  }

  /** A backup: another lineage with the runs of this moment. */
  copy(): MemoryLineage {
    return new MemoryLineage(this.#runs);
  }

  begin(id: RunId, now: number): Promise<Run> {
    const run: Run = { number: (this.#runs.at(-1)?.number ?? 0) + 1, id, at: now };
    this.#runs = [...this.#runs, run].slice(-KEPT_RUNS);
    return Promise.resolve(run);
  }

  mark(now: number): Promise<void> {
    const newest = this.#runs.at(-1);
    if (newest !== undefined) this.#runs = [...this.#runs.slice(0, -1), { ...newest, at: nextMark(newest.at, now) }];
    return Promise.resolve();
  }

  runs(limit: number): Promise<readonly Run[]> {
    return Promise.resolve(limit === 0 ? [] : this.#runs.slice(-limit));
  }
}
