/** Runs `work` later, once: how long "later" is decides how many operations share a sync. */
export type Schedule = (work: () => void) => void;

/**
 * The border between "said" and "stored" of the memory adapters: operations gather, one sync makes them all true, and
 * only then does anyone hear of it. A crash on one side of the sync forgets them, on the other it forgets the answers.
 */
export class VolatileQueue {
  readonly #schedule: Schedule;
  #waiting: { readonly apply: () => () => void }[] = [];
  #scheduled = false;
  #life = 0;

  /** @param schedule - Default: the next microtask. */
  constructor(schedule: Schedule = queueMicrotask) {
    this.#schedule = schedule;
  }

  /** Settles with what `operation` returned, when it is durable. Never settles if a crash comes first. */
  ask<T>(operation: () => T): Promise<T> {
    return new Promise<T>((resolve) => {
      this.#waiting.push({
        apply: () => {
          const outcome = operation();
          return () => {
            resolve(outcome);
          };
        },
      });
      this.#arm();
    });
  }

  /** The power fails just before (`synced` false) or just after the sync of what is waiting. Nobody gets an answer. */
  crash(synced: boolean): void {
    this.#life += 1;
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    if (synced) for (const { apply } of waiting) apply();
  }

  #arm(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    const life = this.#life;
    this.#schedule(() => {
      if (life === this.#life) this.#sync();
    });
  }

  #sync(): void {
    this.#scheduled = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    const answers = waiting.map(({ apply }) => apply());
    for (const answer of answers) answer();
  }
}
