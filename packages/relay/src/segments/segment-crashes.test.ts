import { initCrypto } from "@stonechat/crypto/issuer";
import { repeatableRandom } from "@stonechat/testkit";
import { MemorySegmentFiles, type SegmentFault } from "@stonechat/testkit/memory-segment-files";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { test } from "vitest";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { performOn, type Perform } from "../testing/faults/perform.ts";
import { Tally } from "../testing/faults/tally.ts";
import { SMALL_WORKLOAD, Workload } from "../testing/faults/workload.ts";
import { MemorySegmentState } from "./segment-state.ts";
import { SegmentStore } from "./segment-store.ts";

await initCrypto();
const SEEDS = Number(process.env["STONECHAT_CRASH_SEEDS"] ?? 40);
const FIRST_SEED = Number(process.env["STONECHAT_CRASH_FIRST"] ?? 1);
const ROUNDS = 40;
const LIMITS = { logQuotaBytes: 200_000, commitHeadroomBytes: 10_000 };

/** A store on a disk in memory that crashes and is opened again. */
class CrashingStore {
  readonly files: MemorySegmentFiles;
  readonly state = new MemorySegmentState();
  readonly #pools = new MemoryPoolStore();
  readonly #random;
  store: SegmentStore | undefined;

  constructor(seed: number) {
    this.files = new MemorySegmentFiles(seed);
    this.#random = repeatableRandom(seed);
  }

  async open(): Promise<void> {
    this.store = await SegmentStore.open({
      ...{
        files: this.files.session(),
        state: this.state.session(),
        limits: LIMITS,
        reserveBytes: 0,
        random: this.#random,
      },
      ...{ segmentBytes: 3000, recentBytes: 2000, elapsed: () => 0 },
      schedule: (work) => {
        setImmediate(work);
      },
    });
  }

  readonly perform: Perform = async (operation) => {
    if (this.store === undefined) throw new Error("not open");
    const { store } = this;
    return await performOn({
      create: (log) => store.create(log),
      append: (entry) => store.append(entry),
      commit: (entry) => store.commit(entry),
      read: (what) => store.read(what),
      destroy: (log) => store.destroy(log),
      expire: (now, maxEntries) => store.expire(now, maxEntries),
      stats: () => store.stats(),
      pools: this.#pools,
    })(operation);
  };
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
};

async function crashLoop(tally: Tally, faultOf: (random: () => number) => SegmentFault | undefined): Promise<void> {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
    const random = createSeededFractions(seed);
    const subject = new CrashingStore(seed);
    await subject.open();
    const ledger = new Ledger();
    const journal = new Journal((item) => {
      ledger.note(item);
    });
    const perform = journal.over(subject.perform);
    const workload = new Workload(seed, { ...SMALL_WORKLOAD, pools: false });
    for (let round = 0; round < ROUNDS; round += 1) {
      const fault = random() < 0.4 ? faultOf(random) : undefined;
      const at = subject.files.operations + Math.floor(random() * 30);
      subject.files.decide = ({ number }) => (fault !== undefined && number >= at ? fault : undefined);
      if (fault === "ENOSPC")
        subject.files.decide = ({ number, call }) =>
          number >= at && (call === "write" || call === "create") ? fault : undefined;
      for (const operation of workload.next()) {
        perform(operation).then(
          (outcome) => {
            workload.heard(operation, outcome);
          },
          () => undefined,
        );
      }
      await turns(Math.floor(random() * 25));
      if (fault === undefined && random() < 0.7) continue;
      if (random() < 0.1 && fault === undefined) {
        await turns(20);
        await subject.store?.close();
      }
      subject.files.crash();
      subject.state.crash();
      await subject.open();
      const examination = await ledger.examine(subject.perform, "only-read");
      tally.add(ledger.acknowledged, examination, `seed ${String(seed)} round ${String(round)}`);
      examination.settle();
    }
    await turns(20);
    await subject.store?.swept();
    tally.add(ledger.acknowledged, await ledger.examine(subject.perform, "thorough"), `seed ${String(seed)} end`);
    await subject.store?.close();
  }
}

test("segments: what was acknowledged survives power cuts at any call, with all that no sync covered left to chance", async () => {
  const tally = new Tally("segments, power cuts");
  await crashLoop(tally, () => "power-cut");
  tally.conclude();
}, 120_000);

test("segments: no room and failing calls lose nothing acknowledged", async () => {
  const tally = new Tally("segments, ENOSPC and EIO");
  await crashLoop(tally, (random) => (random() < 0.5 ? "ENOSPC" : "EIO"));
  tally.conclude();
}, 120_000);
