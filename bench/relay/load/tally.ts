import { Histogram, type Times } from "./histogram.ts";

/** What a load process measured. Times run from when a message was due. */
export interface Measured {
  readonly seconds: number;
  readonly acknowledged: number;
  readonly delivered: number;
  readonly toAcknowledged: Times;
  readonly toDelivered: Times;
  /** Over the whole life of the process, not only while it measured. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  /** Connections that the server ended; they were opened again. */
  readonly broken: number;
  /** Processor time that the generator itself used, in seconds: near `seconds`, it was the limit and not the server. */
  readonly ownCpuSeconds: number;
}

/** Counts for all pairs of one process. */
export class Tally {
  doubled = 0;
  disordered = 0;
  broken = 0;
  readonly #toAcknowledged = new Histogram();
  readonly #toDelivered = new Histogram();
  #since = performance.now();
  #cpu = process.cpuUsage();

  acknowledged(dueAt: number): void {
    this.#toAcknowledged.add(performance.now() - dueAt);
  }

  delivered(dueAt: number): void {
    this.#toDelivered.add(performance.now() - dueAt);
  }

  get deliveredSoFar(): number {
    return this.#toDelivered.size;
  }

  get acknowledgedSoFar(): number {
    return this.#toAcknowledged.size;
  }

  /** Forgets the warm-up. */
  begin(): void {
    this.#toAcknowledged.clear();
    this.#toDelivered.clear();
    this.#since = performance.now();
    this.#cpu = process.cpuUsage();
  }

  /** What was measured since {@link begin}, until now. What comes later in the run is not in it, but for `lost`. */
  measured(): Omit<Measured, "lost" | "doubled" | "disordered" | "broken"> {
    const { user, system } = process.cpuUsage(this.#cpu);
    return {
      seconds: (performance.now() - this.#since) / 1000,
      acknowledged: this.#toAcknowledged.size,
      delivered: this.#toDelivered.size,
      toAcknowledged: this.#toAcknowledged.toTimes(),
      toDelivered: this.#toDelivered.toTimes(),
      ownCpuSeconds: (user + system) / 1e6,
    };
  }
}
