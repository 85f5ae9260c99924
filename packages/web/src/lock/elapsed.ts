/** Two clocks of the device, in milliseconds: one that nobody sets, and one that goes on while the device sleeps. */
export interface Clocks {
  readonly steady: () => number;
  readonly wall: () => number;
}

/**
 * Time that has passed, whatever happens to the clocks: a steady clock stands still while some devices sleep, and the
 * wall clock can be set back. Of both, what passed more counts, and nothing ever counts backwards.
 */
export class Elapsed {
  readonly #clocks: Clocks;
  #steady: number;
  #wall: number;
  #total = 0;
  /** How long the device slept between the last two readings, as far as the clocks tell. */
  slept = 0;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#steady = clocks.steady();
    this.#wall = clocks.wall();
  }

  /** Milliseconds since this was made. */
  read(): number {
    const [steady, wall] = [this.#clocks.steady(), this.#clocks.wall()];
    const [bySteady, byWall] = [Math.max(0, steady - this.#steady), Math.max(0, wall - this.#wall)];
    this.#steady = steady;
    this.#wall = wall;
    this.slept = Math.max(0, byWall - bySteady);
    this.#total += Math.max(bySteady, byWall);
    return this.#total;
  }
}
