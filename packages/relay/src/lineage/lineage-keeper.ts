import type { Random } from "@stonechat/crypto/issuer";
import { RUN_ID_BYTES, type RunId } from "@stonechat/protocol";
import { describeError, type Log } from "@stonechat/serving";
import type { Clock } from "../clock.ts";
import type { Lineage } from "./lineage.ts";

/** How far back a copy may lie without being older than what the lineage tells. */
export const MARK_INTERVAL_MS = 60_000;
/** A run ends after a day, so that a machine that was set back as it ran shows, too. */
export const RUN_MS = 24 * 3_600_000;

export interface LineageKeeperParts {
  readonly lineage: Lineage;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A figure that has grown whenever something was stored. */
  readonly stored: () => number;
}

/**
 * Keeps the lineage of a store that is being served.
 *
 * [Note: How a relay that was put back is noticed] Each opening of a store adds a run with a random id; while it serves,
 * the run's time moves on, at most once a minute and only when something was stored. Clients keep the newest run that they
 * were told. If the relay later tells another id at that number, an earlier time, or no such number, then it stands on an
 * older copy of its store than the one they knew. A copy of the newest state tells the same as before, and alarms nobody.
 */
export class LineageKeeper {
  readonly #parts: LineageKeeperParts;
  #begunAt: number | undefined;
  #stored = 0;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  private constructor(parts: LineageKeeperParts) {
    this.#parts = parts;
  }

  /**
   * Begins a run, which is durable when this settles: serve clients only then. Where the disk has no room even for that,
   * the relay goes on in the run before, and tries again each minute. Stop it before the store.
   */
  static async start(parts: LineageKeeperParts): Promise<LineageKeeper> {
    const keeper = new LineageKeeper(parts);
    await keeper.tick();
    keeper.#timer = setInterval(() => {
      keeper.#work = keeper.#work.then(() => keeper.tick());
    }, MARK_INTERVAL_MS);
    return keeper;
  }

  /** Marks what was stored since the last time, or begins the next run. Called once a minute. */
  async tick(): Promise<void> {
    const { lineage, clock, log, stored } = this.#parts;
    const now = clock.now();
    try {
      if (this.#begunAt === undefined || Math.abs(now - this.#begunAt) >= RUN_MS) await this.#begin(now);
      else if (stored() !== this.#stored) {
        this.#stored = stored();
        await lineage.mark(now);
      }
    } catch (error) {
      // A store that failed ends the process elsewhere; one that is out of reach is marked a minute later.
      log({ level: "error", event: "lineage-failed", ...describeError(error) });
    }
  }

  /** Marks what was stored at the end, and ends. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#work;
    await this.tick();
  }

  async #begin(now: number): Promise<void> {
    const { lineage, random } = this.#parts;
    // The brand stands for the length.
    const run = await lineage.begin(random.bytes(RUN_ID_BYTES) as RunId, now);
    if (run !== undefined) this.#begunAt = now;
  }
}
