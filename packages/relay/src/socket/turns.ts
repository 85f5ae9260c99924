/** What all readers together may read in one turn of the event loop: some milliseconds' worth. */
const TURN_BYTES = 2 * 1024 * 1024;
/** What one of them may read of it, so that a flood waits for the others and not they for it. */
const SHARE_BYTES = 128 * 1024;
/** What a frame costs beside its bytes. */
const FRAME_BYTES = 1024;

/** Whoever reads frames from one socket. */
export interface TurnTaker {
  /** Its next turn has come. */
  readOn(): void;
}

/** Shares the time of the event loop among the sockets that have something to read. One for all. */
export class Turns {
  #left = TURN_BYTES;
  #waiting: TurnTaker[] = [];
  #armed = false;

  /** What may be read now. Each frame read is then told to {@link spend}. 0 or less: {@link wait}. */
  share(): number {
    this.#arm();
    return Math.min(SHARE_BYTES, this.#left);
  }

  /** @returns what the frame cost. */
  spend(bytes: number): number {
    const cost = bytes + FRAME_BYTES;
    this.#left -= cost;
    return cost;
  }

  /** Calls `readOn` in a later turn, after who waits already. */
  wait(taker: TurnTaker): void {
    this.#waiting.push(taker);
    this.#arm();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(this.#begin);
  }

  readonly #begin = (): void => {
    this.#armed = false;
    this.#left = TURN_BYTES;
    const waiting = this.#waiting;
    this.#waiting = [];
    // Who finds nothing left of this turn waits again, ahead of who comes later.
    for (const taker of waiting) taker.readOn();
  };
}
