import type { CounterName } from "./counters.ts";

/** What is told of a service in numbers: sums over everybody. */
export interface ServiceFigures {
  readonly counters: { get(name: CounterName): number };
  readonly connectionCount: number;
  /** Logs somebody is subscribed to. */
  readonly subscribedLogs: number;
}
