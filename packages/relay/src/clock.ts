/** Milliseconds since 1970. A port, so that tests and the simulator own time. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };
