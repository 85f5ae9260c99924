/** The two clocks of a guard. A port, so that tests own time. */
export interface GuardClock {
  /** Milliseconds since 1970. May be set; a guard gives nothing back for time that a clock was set back. */
  now(): number;
  /** Milliseconds since some moment, by a clock that cannot be set. */
  monotonic(): number;
}

export const systemClock: GuardClock = { now: () => Date.now(), monotonic: () => performance.now() };
