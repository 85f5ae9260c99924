import type { Random } from "@stonechat/crypto";
import type { Clock } from "../ports/clock.ts";
import type { Cancellation } from "./cancellation.ts";

const FIRST_DELAY_MS = 500;
const LAST_DELAY_MS = 60_000;

/** Waits between attempts: up to 0.5 s, doubling up to a minute, with full jitter so that not everybody comes at once. */
export class BackOff {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #cancellation: Cancellation;
  #failures = 0;

  constructor(clock: Clock, random: Random, cancellation: Cancellation) {
    this.#clock = clock;
    this.#random = random;
    this.#cancellation = cancellation;
  }

  /** There was progress: the next wait is a short one. */
  reset(): void {
    this.#failures = 0;
  }

  /** @throws AttachmentError `cancelled`, at once when cancelled. */
  async wait(): Promise<void> {
    const limit = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures);
    this.#failures += 1;
    const [high = 0, low = 0] = this.#random.bytes(2);
    await sleep(this.#clock, (limit * (high * 256 + low)) / 65_535, this.#cancellation);
  }
}

/** Resolves after `delayMs`, or at once when cancelled. @throws AttachmentError `cancelled` */
export async function sleep(clock: Clock, delayMs: number, cancellation: Cancellation): Promise<void> {
  cancellation.check();
  await new Promise<void>((resolve) => {
    const timer = clock.setTimer(delayMs, done);
    const forget = cancellation.onCancel(done);
    function done(): void {
      timer.cancel();
      forget();
      resolve();
    }
  });
  cancellation.check();
}
