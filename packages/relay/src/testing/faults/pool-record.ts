import { mapKey } from "../../map-key.ts";
import type { Outcome } from "../../store/operations.ts";
import type { Findings } from "./findings.ts";
import type { Perform, StoreOperation } from "./perform.ts";

export type Put = StoreOperation & { readonly type: "pool-put" };

/** One `put`, and whether it was acknowledged. */
interface PutRecord {
  readonly put: Put;
  stored: boolean;
  pending: boolean;
}

/** The client's side of one pool of KeyPackages: each is given once, and none that was acknowledged gets lost. */
export class PoolRecord {
  readonly #name: string;
  readonly #puts: PutRecord[] = [];
  readonly #given = new Set<string>();
  /** Takes that were asked for and never answered: each may have used up one KeyPackage. */
  #unanswered = 0;

  constructor(name: string) {
    this.#name = name;
  }

  askPut(put: Put): void {
    this.#puts.push({ put, stored: false, pending: true });
  }

  answerPut(put: Put, outcome: Outcome): void {
    const record = this.#puts.find((one) => one.put === put);
    if (record === undefined) throw new RangeError("an answer to nothing");
    record.stored = outcome.type === "put";
    // A refusal for want of room may turn out otherwise after a crash.
    record.pending = outcome.type === "storage-full";
  }

  askTake(): void {
    this.#unanswered += 1;
  }

  answerTake(outcome: Outcome, findings: Findings): void {
    if (outcome.type !== "storage-full") this.#unanswered -= 1;
    if (outcome.type !== "taken") return;
    const key = mapKey(outcome.keyPackage);
    const possible = this.#puts.filter(({ stored, pending }) => stored || pending);
    if (outcome.lastResort) {
      const known = possible.some(({ put }) => put.lastResort !== undefined && mapKey(put.lastResort) === key);
      findings.expect(known, "invented", `${this.#name}: a last resort that nobody gave`);
      return;
    }
    const known = possible.some(({ put }) => put.keyPackages.some((one) => mapKey(one) === key));
    findings.expect(known, "invented", `${this.#name}: a KeyPackage that nobody gave`);
    findings.expect(!this.#given.has(key), "doubled", `${this.#name}: a KeyPackage was given twice`);
    this.#given.add(key);
  }

  /** Compares the count that the owner is told. Changes nothing. */
  async count(perform: Perform, findings: Findings): Promise<void> {
    const first = this.#puts[0];
    if (first === undefined) return;
    const { poolId, ownerHash } = first.put;
    const status = await perform({ type: "pool-status", poolId, ownerHash });
    const count = status.type === "status" ? status.count : 0;
    const sum = (records: readonly PutRecord[]): number =>
      records.reduce((total, { put }) => total + put.keyPackages.length, 0);
    const stored = this.#puts.filter((one) => one.stored);
    if (stored.length > 0) findings.expect(status.type === "status", "lost", `${this.#name}: all of it`);
    const least = sum(stored) - this.#given.size - this.#unanswered;
    const most = sum(this.#puts.filter((one) => one.stored || one.pending)) - this.#given.size;
    findings.expect(count >= least, "lost", `${this.#name}: ${String(least - count)} KeyPackages`);
    findings.expect(count <= most, "invented", `${this.#name}: ${String(count - most)} KeyPackages too many`);
  }

  /** Takes everything that is left, and compares. Afterwards this record says what it said before. */
  async drain(perform: Perform, findings: Findings): Promise<void> {
    const copy = new PoolRecord(this.#name);
    copy.#puts.push(...this.#puts.map((record) => ({ ...record })));
    for (const key of this.#given) copy.#given.add(key);
    copy.#unanswered = this.#unanswered;
    await copy.#takeAll(perform, findings);
  }

  async #takeAll(perform: Perform, findings: Findings): Promise<void> {
    const last = this.#puts.findLast(({ stored }) => stored);
    const latest = last ?? this.#puts.at(-1);
    if (latest === undefined) return;
    const { poolId, takeHash } = latest.put;
    const unanswered = this.#unanswered;
    for (;;) {
      this.askTake();
      const outcome = await perform({ type: "pool-take", poolId, takeHash });
      this.answerTake(outcome, findings);
      if (outcome.type === "taken" && !outcome.lastResort) continue;
      const resort = this.#puts.some(({ put, stored }) => stored && put.lastResort !== undefined);
      if (resort) findings.expect(outcome.type === "taken", "lost", `${this.#name}: the last resort`);
      break;
    }
    let missing = 0;
    for (const { put, stored } of this.#puts) {
      const absent = put.keyPackages.filter((one) => !this.#given.has(mapKey(one))).length;
      if (stored) missing += absent;
      else if (absent < put.keyPackages.length && absent > unanswered)
        findings.add("wrong", `${this.#name}: half of a put`);
    }
    findings.expect(missing <= unanswered, "lost", `${this.#name}: ${String(missing - unanswered)} KeyPackages`);
  }
}
