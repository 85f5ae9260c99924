/**
 * What may be wrong with a store after a fault. `lost`: an acknowledged change is not there. `doubled`: it is there more
 * than once, or was given twice. `invented`: something is there that nobody asked for, or that was taken away. `wrong`:
 * it is there with other bytes, or at another place.
 */
export type FindingKind = "lost" | "doubled" | "invented" | "wrong";

export interface Finding {
  readonly kind: FindingKind;
  readonly what: string;
}

/** Collects findings, and says each in one line. */
export class Findings {
  readonly all: Finding[] = [];

  add(kind: FindingKind, what: string): void {
    this.all.push({ kind, what });
  }

  /** Adds one unless `right`. */
  expect(right: boolean, kind: FindingKind, what: string): void {
    if (!right) this.add(kind, what);
  }
}
