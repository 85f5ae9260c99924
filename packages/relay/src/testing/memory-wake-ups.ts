import type { StoredEntry, WakeUpListener, WakeUps } from "../service/wake-ups.ts";

/** How badly wake-ups travel: shares of 1. */
export interface WakeUpFaults {
  readonly lost: number;
  readonly doubled: number;
}

/**
 * Wake-ups between services in one process, that lose, double and disorder as `fractions` say. What was announced waits
 * until somebody calls {@link MemoryWakeUps.deliver}.
 */
export class MemoryWakeUps {
  readonly #fractions: () => number;
  readonly #faults: WakeUpFaults;
  readonly #listeners = new Map<WakeUps, WakeUpListener>();
  readonly #onTheWay: (() => void)[] = [];

  constructor(fractions: () => number, faults: WakeUpFaults) {
    this.#fractions = fractions;
    this.#faults = faults;
  }

  /** Another service's end. */
  join(): WakeUps {
    const wakeUps: WakeUps = {
      announce: (stored: StoredEntry) => {
        this.#send(wakeUps, (listener) => {
          listener.stored(stored);
        });
      },
      announceChange: (logId) => {
        this.#send(wakeUps, (listener) => {
          listener.changed(logId);
        });
      },
      listen: (listener) => {
        this.#listeners.set(wakeUps, listener);
      },
    };
    return wakeUps;
  }

  /** Delivers about half of what is on the way, in any order. */
  deliver(): void {
    for (let left = Math.ceil(this.#onTheWay.length / 2); left > 0; left -= 1) {
      const [arrive] = this.#onTheWay.splice(Math.floor(this.#fractions() * this.#onTheWay.length), 1);
      arrive?.();
    }
  }

  #send(from: WakeUps, tell: (listener: WakeUpListener) => void): void {
    for (const [to, listener] of this.#listeners) {
      if (to === from || this.#fractions() < this.#faults.lost) continue;
      const copies = this.#fractions() < this.#faults.doubled ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        this.#onTheWay.push(() => {
          tell(listener);
        });
      }
    }
  }
}
