/** A difference between the two clocks that no drift or smearing explains. */
const LEAP_MS = 10 * 60 * 1000;
/** How long nothing is erased after a leap: time for an operator to notice. */
const HOLD_MS = 24 * 3600 * 1000;

/**
 * Says whether the wall clock may be trusted to erase by. It is compared with a clock that cannot be set: after a leap
 * there is a day without erasing, unless the wall clock leaps back to where it should be.
 */
export class ClockGuard {
  #offset: number;
  #heldUntil: number | undefined;
  #offsetBefore = 0;

  constructor(wall: number, monotonic: number) {
    this.#offset = wall - monotonic;
  }

  /** @returns `leapt` once when it happens, `held` while nothing should be erased, else `steady`. */
  look(wall: number, monotonic: number): "steady" | "leapt" | "held" {
    const offset = wall - monotonic;
    const leapt = Math.abs(offset - this.#offset) > LEAP_MS;
    if (leapt && this.#heldUntil !== undefined && Math.abs(offset - this.#offsetBefore) <= LEAP_MS) {
      this.#heldUntil = undefined;
    } else if (leapt) {
      if (this.#heldUntil === undefined) this.#offsetBefore = this.#offset;
      this.#heldUntil = monotonic + HOLD_MS;
    }
    // Small differences are followed, so that drift over months adds up to nothing.
    this.#offset = offset;
    if (this.#heldUntil !== undefined && monotonic >= this.#heldUntil) this.#heldUntil = undefined;
    if (this.#heldUntil === undefined) return "steady";
    return leapt ? "leapt" : "held";
  }
}
