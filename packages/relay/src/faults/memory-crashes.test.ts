import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { performOn, type Perform } from "../testing/faults/perform.ts";
import { Tally } from "../testing/faults/tally.ts";
import { Workload } from "../testing/faults/workload.ts";

await initCrypto();
const LIMITS = { logQuotaBytes: 40_000, commitHeadroomBytes: 10_000 };
const SEEDS = 60;
const ROUNDS = 30;

/** A store in memory whose syncs happen when the test says so. */
class TimedStore {
  readonly logs: MemoryLogStore;
  readonly pools: MemoryPoolStore;
  readonly perform: Perform;
  #work: (() => void)[] = [];

  constructor() {
    const schedule = (work: () => void): void => {
      this.#work.push(work);
    };
    this.logs = new MemoryLogStore(LIMITS, schedule);
    this.pools = new MemoryPoolStore(schedule);
    this.perform = performOn({
      create: (log) => this.logs.create(log),
      append: (entry) => this.logs.append(entry),
      commit: (entry) => this.logs.commit(entry),
      read: (what) => this.logs.read(what),
      destroy: (log) => this.logs.destroy(log),
      expire: (now, maxEntries) => this.logs.expire(now, maxEntries),
      stats: () => this.logs.stats(),
      pools: this.pools,
    });
  }

  async sync(): Promise<void> {
    for (const work of this.#work.splice(0)) work();
    await new Promise(setImmediate);
  }

  crash(synced: boolean): void {
    this.#work = [];
    this.logs.crash(synced);
    this.pools.crash(synced);
  }

  /** Answers at once. */
  readonly prompt: Perform = async (operation) => {
    const outcome = this.perform(operation);
    await this.sync();
    return await outcome;
  };
}

/** Random histories with crashes on either side of a sync. `answered` spoils what clients hear. */
async function crashLoop(tally: Tally, answered: (perform: Perform) => Perform = (perform) => perform): Promise<void> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = createSeededFractions(seed);
    const store = new TimedStore();
    const ledger = new Ledger();
    const journal = new Journal((item) => {
      ledger.note(item);
    });
    const perform = journal.over(answered(store.perform));
    const workload = new Workload(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const operation of workload.next()) {
        void perform(operation).then((outcome) => {
          workload.heard(operation, outcome);
        });
      }
      await new Promise(setImmediate);
      if (random() < 0.7) {
        await store.sync();
        continue;
      }
      store.crash(random() < 0.5);
      const examination = await ledger.examine(store.prompt, "only-read");
      tally.add(ledger.acknowledged, examination, `seed ${String(seed)} round ${String(round)}`);
      examination.settle();
    }
    tally.add(ledger.acknowledged, await ledger.examine(store.prompt, "thorough"), `seed ${String(seed)} end`);
  }
}

test("memory: what was acknowledged survives every crash, what was not is there wholly or not at all", async () => {
  const tally = new Tally("memory");
  await crashLoop(tally);
  tally.conclude();
});

test("memory: answering before the sync is noticed", async () => {
  const tally = new Tally("memory, answering early");
  await crashLoop(tally, (perform) => async (operation) => {
    if (operation.type !== "append") return await perform(operation);
    void perform(operation);
    return { type: "appended", seq: 0, epoch: 0, duplicate: false };
  });
  expect(tally.lost + tally.complaints.length).toBeGreaterThan(0);
});
