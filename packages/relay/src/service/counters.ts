/** What is counted since the start. Sums only: nothing here tells one client or log from another. */
export const COUNTERS = {
  connections: "Connections accepted.",
  connectionsRefused: "Connections refused by a limit.",
  requests: "Requests on sockets.",
  malformedFrames: "Frames that did not decode.",
  appended: "Entries stored.",
  appendedBytes: "Body bytes of entries stored.",
  commits: "Commits stored.",
  staleEpochs: "Appends refused because their epoch was over.",
  unknowns: "Requests answered with unknown.",
  pushed: "Entries pushed to subscribers.",
  expired: "Entries erased because they expired.",
  storageFull: "Requests refused because the disk is full.",
  poolTakes: "KeyPackages given out.",
  lastResorts: "Last-resort KeyPackages given out.",
  blobBytesIn: "Blob bytes received.",
  blobBytesOut: "Blob bytes sent.",
} as const;
export type CounterName = keyof typeof COUNTERS;

/** Counters that only grow. */
export class Counters {
  // A plain object of fixed shape: several are counted for each entry.
  readonly #values: Record<CounterName, number>;

  constructor() {
    const names = Object.keys(COUNTERS) as CounterName[]; // the table's own keys
    this.#values = Object.fromEntries(names.map((name) => [name, 0])) as Record<CounterName, number>;
  }

  add(name: CounterName, by = 1): void {
    this.#values[name] += by;
  }

  get(name: CounterName): number {
    return this.#values[name];
  }
}
