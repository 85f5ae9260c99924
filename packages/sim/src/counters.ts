/** Branches that are rare, and must have been reached by some run ("sometimes" assertions). */
export const SOMETIMES = [
  "commit race lost",
  "message refused by a stale epoch",
  "duplicate dropped by the relay",
  "crashed while sending",
  "crashed while writing",
  "crashed while opening",
  "connection cut",
  "frames half delivered",
  "partition",
  "half-open connection",
  "silence noticed",
  "clock jump",
  "relay crashed with requests unanswered",
  "relay kept what it had not acknowledged",
  "relay full, then not",
  "disk full, then not",
  "two commits at one instant",
  "last-resort KeyPackage used",
  "welcome by blob",
  "weeks away",
  "expired messages said",
  "attachment sent",
  "group joined",
  "request declined",
  "member removed",
  "member added again",
  "member left",
  "timer set",
  "message disappeared",
] as const;
export type Sometimes = (typeof SOMETIMES)[number];

/** How often each was reached. */
export class Counters {
  readonly #counts = new Map<Sometimes, number>();

  add(what: Sometimes, times = 1): void {
    this.#counts.set(what, this.get(what) + times);
  }

  get(what: Sometimes): number {
    return this.#counts.get(what) ?? 0;
  }

  addAll(other: Counters): void {
    for (const what of SOMETIMES) if (other.get(what) > 0) this.add(what, other.get(what));
  }

  /** Those never reached. */
  missing(): readonly Sometimes[] {
    return SOMETIMES.filter((what) => this.get(what) === 0);
  }

  toLines(): readonly string[] {
    return SOMETIMES.map((what) => `${String(this.get(what)).padStart(8)}  ${what}`);
  }
}
