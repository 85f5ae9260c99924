import { expect } from "vitest";
import type { Examination } from "./ledger.ts";

/** Counts what a crash loop did and found, and prints it as the last line of the loop. */
export class Tally {
  readonly #name: string;
  faults = 0;
  acknowledged = 0;
  lost = 0;
  doubled = 0;
  readonly #others: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** One fault, after which `acknowledged` entries had to be there. `where` leads back to it. */
  add(acknowledged: number, { findings }: Pick<Examination, "findings">, where: string): void {
    this.faults += 1;
    this.acknowledged += acknowledged;
    for (const { kind, what } of findings) {
      if (kind === "lost") this.lost += 1;
      if (kind === "doubled") this.doubled += 1;
      this.#others.push(`${where}: ${kind}: ${what}`);
    }
  }

  /** Something was wrong that no ledger can tell. */
  complain(what: string): void {
    this.#others.push(what);
  }

  /** What was wrong, in words; empty when nothing was. */
  get complaints(): readonly string[] {
    return this.#others;
  }

  /** Prints the line, and fails if anything was wrong or if nothing was tried. */
  conclude(remark = ""): void {
    process.stdout.write(`${this.line}${remark === "" ? "" : ` (${remark})`}\n`);
    expect(this.#others.slice(0, 10)).toEqual([]);
    expect(this.faults, "faults").toBeGreaterThan(0);
    expect(this.acknowledged, "acknowledged entries").toBeGreaterThan(0);
  }

  get line(): string {
    const n = (value: number): string => value.toLocaleString("en");
    return (
      `crash loop ${this.#name}: ${n(this.faults)} faults, ${n(this.acknowledged)} acknowledged, ` +
      `${n(this.lost)} lost, ${n(this.doubled)} doubled`
    );
  }
}
