import type { LogId, Seq } from "@stonechat/protocol";
import { describeError, type Log } from "@stonechat/serving";
import type { StoredEntry, WakeUpListener, WakeUps } from "./wake-ups.ts";

/** Where it can be seen what wake-ups should have told. */
export interface ChangeSource {
  /** What changed since the last call. @throws when it cannot be told now; the next call tells it. */
  since(): Promise<{
    readonly logs: readonly { readonly logId: LogId; readonly next: Seq | undefined }[];
    readonly incomplete: boolean;
  }>;
}

/**
 * Wake-ups that none can be lost for long: whatever does not come is found by looking at the store now and then.
 * The owner calls {@link look} every few seconds.
 */
export class CatchUp implements WakeUps {
  readonly #wakeUps: WakeUps;
  readonly #changes: ChangeSource;
  readonly #log: Log;
  #listener: WakeUpListener | undefined;
  #looking: Promise<void> | undefined;
  /** Counts what asked for a look, so that none that came during one goes unheard. */
  #asked = 0;

  constructor(wakeUps: WakeUps, changes: ChangeSource, log: Log) {
    this.#wakeUps = wakeUps;
    this.#changes = changes;
    this.#log = log;
  }

  announce(stored: StoredEntry): void {
    this.#wakeUps.announce(stored);
  }

  announceChange(logId: LogId): void {
    this.#wakeUps.announceChange(logId);
  }

  listen(listener: WakeUpListener): void {
    this.#listener = listener;
    this.#wakeUps.listen({
      stored: (stored) => {
        listener.stored(stored);
      },
      changed: (logId) => {
        listener.changed(logId);
      },
      reached: (logId, next) => {
        listener.reached(logId, next);
      },
      // The store knows exactly what was missed.
      missed: () => {
        void this.look();
      },
    });
  }

  /** Looks for changes, one look at a time. Never rejects: what cannot be seen now is seen next time. */
  look(): Promise<void> {
    this.#asked += 1;
    this.#looking ??= this.#lookUntilDone().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookUntilDone(): Promise<void> {
    let asked;
    do {
      asked = this.#asked;
      try {
        const { logs, incomplete } = await this.#changes.since();
        if (incomplete) this.#listener?.missed();
        for (const { logId, next } of logs) this.#tell(logId, next);
      } catch (error) {
        this.#log({ level: "warn", event: "catch-up-failed", ...describeError(error) });
        return;
      }
    } while (this.#asked !== asked);
  }

  #tell(logId: LogId, next: Seq | undefined): void {
    if (next === undefined) this.#listener?.changed(logId);
    else this.#listener?.reached(logId, next);
  }
}
