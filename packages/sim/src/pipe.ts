import type { Scheduler } from "./scheduler.ts";

interface Flying {
  readonly bytes: number;
  readonly arrives: number;
  readonly cancel: () => void;
}

/** One direction of a connection: frames arrive in the order in which they were sent, each after its delay. */
export class Pipe {
  readonly #scheduler: Scheduler;
  readonly #label: string;
  readonly #delay: (bytes: number) => number;
  readonly #deliver: (frame: Uint8Array) => void;
  readonly #flying: Flying[] = [];
  readonly #held: Uint8Array[] = [];
  #lastArrival = 0;
  #paused = false;
  #cut = false;

  constructor(
    scheduler: Scheduler,
    label: string,
    delay: (bytes: number) => number,
    deliver: (frame: Uint8Array) => void,
  ) {
    this.#scheduler = scheduler;
    this.#label = label;
    this.#delay = delay;
    this.#deliver = deliver;
  }

  /** Bytes sent and not yet arrived. */
  get pendingBytes(): number {
    return this.#flying.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get inFlight(): number {
    return this.#flying.length;
  }

  /** When the last frame that is under way arrives, in milliseconds from now. */
  get remainingMs(): number {
    return Math.max(0, this.#lastArrival - this.#scheduler.now);
  }

  send(frame: Uint8Array): void {
    if (this.#cut) return;
    const copy = frame.slice();
    const now = this.#scheduler.now;
    const arrives = Math.max(this.#lastArrival, now + Math.ceil(this.#delay(frame.length)));
    this.#lastArrival = arrives;
    const cancel = this.#scheduler.after(arrives - now, `${this.#label} ${String(frame.length)} ${sum(frame)}`, () => {
      this.#flying.shift();
      if (this.#paused) this.#held.push(copy);
      else this.#deliver(copy);
    });
    this.#flying.push({ bytes: frame.length, arrives, cancel });
  }

  /** The network ends: of what is under way the first `keep` frames arrive still, the others never. */
  cut(keep: number): void {
    this.#cut = true;
    for (const { cancel } of this.#flying.splice(keep)) cancel();
    this.#lastArrival = this.#flying.at(-1)?.arrives ?? this.#scheduler.now;
  }

  /** The receiver stops reading. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused) {
      const frame = this.#held.shift();
      if (frame === undefined) return;
      this.#deliver(frame);
    }
  }
}

/** A short sum of the bytes for the trace: FNV-1a. */
function sum(frame: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of frame) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
