/** How many records may be made. */
export interface AdmissionLimits {
  readonly maxRecords: number;
  readonly registrationsPerDay: number;
  /** The same from one sender: an address prefix. Behind a relay all have one, so an operator may raise it to the above. */
  readonly registrationsPerDayPerPrefix: number;
}

const DAY_MS = 24 * 3600 * 1000;

/** Counts registrations by day, so that nobody can fill a guard. In memory only: no address is written anywhere. */
export class Admission {
  readonly #limits: AdmissionLimits;
  #day = 0;
  #inAll = 0;
  #byPrefix = new Map<string, number>();

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** Whether one more record may be made, which it then counts. */
  admits(prefix: string, records: number, monotonicMs: number): boolean {
    const day = Math.floor(monotonicMs / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#inAll = 0;
      this.#byPrefix = new Map();
    }
    const { maxRecords, registrationsPerDay, registrationsPerDayPerPrefix } = this.#limits;
    const ofPrefix = this.#byPrefix.get(prefix) ?? 0;
    if (records >= maxRecords || this.#inAll >= registrationsPerDay || ofPrefix >= registrationsPerDayPerPrefix)
      return false;
    this.#inAll += 1;
    this.#byPrefix.set(prefix, ofPrefix + 1);
    return true;
  }
}
