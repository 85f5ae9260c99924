import type { Brand } from "@stonechat/protocol";

/** A point in time: whole milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. */
export type Instant = Brand<number, "Instant">;

/** A started timer. */
export interface Timer {
  /** Nothing happens any more. After the timer fired, or a second time, this does nothing. */
  cancel(): void;
}

/** Time as the platform gives it. The simulator and the tests give it by hand. */
export interface Clock {
  /** May go backwards when somebody sets the device's clock. */
  now(): Instant;
  /** Calls `run` once, `delayMs` milliseconds from now or a little later, never inside this call. */
  setTimer(delayMs: number, run: () => void): Timer;
}

/** @throws RangeError unless `milliseconds` is a whole number from 0 to 2^53 - 1. */
export function parseInstant(milliseconds: number): Instant {
  if (!Number.isSafeInteger(milliseconds) || milliseconds < 0) throw new RangeError("not an instant");
  return milliseconds as Instant;
}

/** The instant `milliseconds` after `start`, rounded to whole milliseconds. */
export function after(start: Instant, milliseconds: number): Instant {
  return parseInstant(Math.round(start + milliseconds));
}
