import { after, parseInstant, type Clock, type Timer } from "@stonechat/core";
import type { Scheduler } from "./scheduler.ts";

/** One process of a client, from its start to its end. What is dead does nothing more to the world. */
export class Life implements Clock {
  readonly number: number;
  readonly name: string;
  alive = true;
  /** Runs when the process ends. */
  readonly endings = new Set<() => void>();
  readonly #scheduler: Scheduler;
  readonly #skew: () => number;

  /** @param skew - How far this device's clock is off, in milliseconds. */
  constructor(scheduler: Scheduler, name: string, number: number, skew: () => number) {
    this.#scheduler = scheduler;
    this.name = name;
    this.number = number;
    this.#skew = skew;
  }

  now(): ReturnType<Clock["now"]> {
    return after(parseInstant(this.#scheduler.now), this.#skew());
  }

  setTimer(delayMs: number, run: () => void): Timer {
    const cancel = this.#scheduler.after(Math.max(1, delayMs), `timer ${this.name}`, () => {
      if (this.alive) run();
    });
    return { cancel };
  }

  end(): void {
    if (!this.alive) return;
    this.alive = false;
    for (const ending of [...this.endings]) ending();
    this.endings.clear();
  }
}
