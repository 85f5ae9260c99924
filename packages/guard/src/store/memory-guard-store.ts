import { sha256 } from "@stonechat/crypto/guard";
import { toHex, type RecordId } from "@stonechat/protocol";
import { guardRecord, type Known } from "../machine/record.ts";
import type { Decision, GuardStore } from "./guard-store.ts";

/** What a {@link MemoryGuardStore} held at some moment. */
export type GuardSnapshot = ReadonlyMap<string, Uint8Array | "dead">;

/** Records in memory: for tests and measurements. Keeps them encoded, as every other store does. */
export class MemoryGuardStore implements GuardStore {
  /** Memory does not fail. */
  readonly failed: Promise<Error> = Promise.withResolvers<Error>().promise;
  #kept = new Map<string, Uint8Array | "dead">();

  get records(): number {
    return [...this.#kept.values()].filter((kept) => kept !== "dead").length;
  }

  async update<T>(id: RecordId, decide: (known: Known) => Decision<T>): Promise<T> {
    const name = toHex(sha256(id));
    const { change, answer } = decide(this.#known(name));
    if (change.type === "put") this.#kept.set(name, guardRecord.encode(change.record));
    if (change.type === "destroy") this.#kept.set(name, "dead");
    return answer;
  }

  async close(): Promise<void> {
    // Nothing is under way between calls.
  }

  snapshot(): GuardSnapshot {
    return new Map(this.#kept);
  }

  /** Goes back to a snapshot: what no guard may ever do. */
  restore(snapshot: GuardSnapshot): void {
    this.#kept = new Map(snapshot);
  }

  #known(name: string): Known {
    const kept = this.#kept.get(name);
    if (kept === undefined) return { type: "absent" };
    return kept === "dead" ? { type: "dead" } : { type: "alive", record: guardRecord.decode(kept) };
  }
}
