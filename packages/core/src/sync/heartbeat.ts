import type { Random } from "@stonechat/crypto";
import type { Clock, Timer } from "../ports/clock.ts";

/** On average; each time by lot between four and six fifths of it, so that devices do not ask together. */
const BEAT_MS = 10_000;
/** So many beats without a word, and the relay is asked. */
const QUIET_BEATS = 2;
const PATIENCE_MS = 10_000;
/** When something suggests that the network changed. */
const SHORT_PATIENCE_MS = 5_000;
/** Patience doubles so often at most: a page of half a MiB then comes through a way of 4 kB/s. */
const MAX_DOUBLINGS = 4;
/** A timer that fires so late was held up by sleep. */
const LATE_MS = 5_000;

/** What a heartbeat needs of the connection that it watches. */
export interface Watched {
  /** Asks the relay for a sign of life. What comes back is told by {@link Heartbeat.heard}. */
  ask(): void;
  /** Whether something large may be on its way, of which nothing is seen before it is whole. */
  isBehind(): boolean;
  /** No sign came: the connection is dead, and nobody will say so. */
  onSilence(): void;
}

/**
 * Finds out that a connection is dead although neither end closed it: a router that forgot it, another network, sleep.
 * Who has been quiet for 16 to 36 s is asked, and given up after 10 s more: 46 s at most after its last word.
 *
 * The page of a slow network may take longer than that. So while one is awaited patience doubles with each connection that
 * ended in silence, until one has kept up: else such a network would begin the same page again for ever.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #watched: Watched;
  #timer: Timer | undefined;
  #asked = false;
  #heard = false;
  #quiet = 0;
  #doublings = 0;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }, watched: Watched) {
    this.#clock = clock;
    this.#random = random;
    this.#watched = watched;
  }

  /** The connection came to be. */
  start(): void {
    this.stop();
    this.#rest();
  }

  /** The connection ended. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#asked = false;
  }

  /** Something came from the relay. */
  heard(): void {
    this.#heard = true;
    if (!this.#asked) return;
    if (!this.#watched.isBehind()) this.#doublings = 0;
    this.stop();
    this.#rest();
  }

  /** Asks now, unless it has asked already: the network may have changed. Does nothing between two connections. */
  hurry(): void {
    if (this.#timer === undefined || this.#asked) return;
    this.#timer.cancel();
    this.#ask(SHORT_PATIENCE_MS);
  }

  /** The relay was heard a moment ago. */
  #rest(): void {
    this.#wait();
    this.#heard = true;
  }

  #wait(): void {
    this.#heard = false;
    const [lot = 0] = this.#random.bytes(1);
    this.#later(BEAT_MS * (0.8 + (0.4 * lot) / 255), (late) => {
      this.#quiet = this.#heard ? 0 : this.#quiet + 1;
      if (late || this.#quiet >= QUIET_BEATS) this.#ask(PATIENCE_MS);
      else this.#wait();
    });
  }

  #ask(patienceMs: number): void {
    this.#asked = true;
    const behind = this.#watched.isBehind();
    const patience = behind ? PATIENCE_MS * 2 ** this.#doublings : patienceMs;
    // Before asking, which may end in stop().
    this.#later(patience, (late) => {
      if (late) this.#ask(PATIENCE_MS);
      else this.#giveUp(behind);
    });
    this.#watched.ask();
  }

  #giveUp(behind: boolean): void {
    if (behind) this.#doublings = Math.min(MAX_DOUBLINGS, this.#doublings + 1);
    this.stop();
    this.#watched.onSilence();
  }

  /** `late`: much later than it should, because the device slept or its clock was set. */
  #later(delayMs: number, run: (late: boolean) => void): void {
    const due = this.#clock.now() + delayMs;
    this.#timer = this.#clock.setTimer(delayMs, () => {
      run(this.#clock.now() - due >= LATE_MS);
    });
  }
}
