/** What is counted since the start. Sums only: nothing here tells one record or sender from another. */
export const COUNTERS = {
  requests: "Requests that were opened.",
  malformed: "Requests that could not be opened or read.",
  limited: "Requests refused by a limit.",
  registered: "Records made.",
  evaluated: "Guesses evaluated, those asked for again included.",
  opened: "Entries released.",
  closed: "Tags that matched nothing.",
  replaced: "Generations replaced.",
  destroyed: "Records destroyed, whatever the reason.",
  denied: "Requests denied: no such record, destroyed, or a wrong key.",
  stale: "Requests with a nonce that was used or too old.",
} as const;
export type CounterName = keyof typeof COUNTERS;

/** Counters that only grow. */
export class Counters {
  readonly #values = new Map<CounterName, number>();

  add(name: CounterName): void {
    this.#values.set(name, this.get(name) + 1);
  }

  get(name: CounterName): number {
    return this.#values.get(name) ?? 0;
  }
}
