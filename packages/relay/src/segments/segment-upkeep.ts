import type { LogLimits } from "../logs/log-store.ts";
import type { Snapshot } from "../operating/snapshot.ts";
import type { StoreHealth, StoreUpkeep } from "../operating/store-upkeep.ts";
import { SEGMENTS_VERSION } from "../store/schema.ts";
import type { SegmentStore } from "./segment-store.ts";

/** The upkeep of a store whose logs lie in segments and the rest in SQLite. Names are those in the data folder. */
export class SegmentUpkeep implements StoreUpkeep {
  readonly kind = "segments";
  readonly format = SEGMENTS_VERSION;
  readonly #logs: SegmentStore;
  readonly #rest: StoreUpkeep | undefined;

  constructor(logs: SegmentStore, rest: StoreUpkeep | undefined) {
    this.#logs = logs;
    this.#rest = rest;
  }

  health(now: number): Promise<StoreHealth> {
    return Promise.resolve(this.#logs.health(now));
  }

  async setLimits(limits: LogLimits, reserveBytes: number): Promise<void> {
    this.#logs.setLimits(limits, reserveBytes);
    await this.#rest?.setLimits(limits, reserveBytes);
  }

  async snapshot(): Promise<Snapshot> {
    const rest = await this.#rest?.snapshot?.();
    const { files, release } = await this.#logs.hold();
    return {
      databases: [...(rest?.databases ?? []), "segments.sqlite"],
      files: [...(rest?.files ?? []), ...files.map(({ name, bytes }) => ({ path: `segments/${name}`, bytes }))],
      release: () => {
        release();
        rest?.release();
      },
    };
  }
}
