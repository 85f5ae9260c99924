import { initCrypto, type Random } from "@stonechat/crypto/issuer";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { MemorySegmentFiles, type SegmentFault, type SegmentOperation } from "@stonechat/testkit/memory-segment-files";
import { expect, test } from "vitest";
import { MemorySegmentState } from "../segments/segment-state.ts";
import { carelessFiles, type Carelessness } from "../testing/faults/broken-files.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import { openSegmentsSubject, type SegmentsSubject } from "../testing/faults/segments-subject.ts";
import { Life } from "../testing/faults/life.ts";
import { Tally } from "../testing/faults/tally.ts";
import { SMALL_WORKLOAD, Workload } from "../testing/faults/workload.ts";

await initCrypto();
const ROUNDS = 24;
const SIZE = { ...SMALL_WORKLOAD, pools: false };
const HISTORIES = Number(process.env["STONECHAT_FAULT_HISTORIES"] ?? 150);

/** One store in memory with its clients, used until it gives up. */
class Scene {
  readonly disk: MemorySegmentFiles;
  readonly state = new MemorySegmentState();
  readonly ledger = new Ledger();
  readonly journal = new Journal((item) => {
    this.ledger.note(item);
  });
  /** All that was asked of the disk. */
  readonly calls: SegmentOperation[] = [];
  refused = 0;
  readonly #random: Random;
  #life = new Life();

  constructor(seed: number) {
    this.#random = repeatableRandom(seed);
    this.disk = new MemorySegmentFiles(seed);
  }

  /** Every call is noted; `decide` says which of them fail. */
  meet(decide: (operation: SegmentOperation) => SegmentFault | undefined): void {
    this.disk.decide = (operation) => {
      this.calls.push(operation);
      return decide(operation);
    };
  }

  /** Opens the store and lets clients work. @returns whether it went on to the end. */
  async work(workload: Workload, rounds: number, how?: Carelessness): Promise<boolean> {
    this.#life = new Life();
    const disk = this.#life.files(this.disk);
    const files = how === undefined ? disk : carelessFiles(disk, how);
    let subject: SegmentsSubject;
    try {
      subject = await openSegmentsSubject(files, this.state, this.#random);
    } catch {
      return false;
    }
    const perform = this.journal.over(subject.perform);
    for (let round = 0; round < rounds; round += 1) {
      const outcomes = await Promise.allSettled(
        workload.next().map(async (operation) => {
          const outcome = await perform(operation);
          workload.heard(operation, outcome);
          if (outcome.type === "storage-full") this.refused += 1;
        }),
      );
      if (outcomes.some(({ status }) => status === "rejected")) return false;
    }
    await subject.store.close();
    return true;
  }

  /** The power fails; then the store is opened and looked at. */
  async reopen(tally: Tally, where: string): Promise<void> {
    this.#life.end();
    this.disk.crash("any");
    try {
      const { store, perform } = await openSegmentsSubject(this.disk, this.state, this.#random);
      const examination = await this.ledger.examine(perform, "thorough");
      tally.add(this.ledger.acknowledged, examination, where);
      examination.settle();
      await store.close();
    } catch (error) {
      const what = error instanceof Error ? `${error.name} ${error.message}` : "it does not open";
      tally.add(this.ledger.acknowledged, { findings: [{ kind: "lost", what }] }, where);
    }
  }
}

/** What the store asks of its disk when all goes well. */
async function callsOf(seed: number): Promise<readonly SegmentOperation[]> {
  const scene = new Scene(seed);
  scene.meet(() => undefined);
  expect(await scene.work(new Workload(seed, SIZE), ROUNDS)).toBe(true);
  return scene.calls;
}

/** Lets each call in turn fail once, with the same clients. */
async function failEach(tally: Tally, fault: SegmentFault, how?: Carelessness): Promise<readonly Scene[]> {
  const scenes: Scene[] = [];
  const { length } = await callsOf(1);
  for (let n = 0; n < length; n += 1) {
    const scene = new Scene(1);
    scene.meet(({ number }) => (number === n ? fault : undefined));
    const wentOn = await scene.work(new Workload(1, SIZE), ROUNDS, how);
    const failed = scene.calls[n];
    if (failed === undefined) continue;
    const changes = scene.calls.slice(n + 1).filter(isChange);
    if (fault === "EIO" && isChange(failed)) {
      if (wentOn) tally.complain(`${failed.call} ${String(n)}: the store went on after a fatal failure`);
      for (const { call, file } of changes)
        if (call === "sync" && file === failed.file) tally.complain(`sync ${String(n)}: tried again on its file`);
    }
    await scene.reopen(tally, `${failed.call} ${String(n)} ${fault}`);
    scenes.push(scene);
  }
  return scenes;
}

function isChange({ call }: SegmentOperation): boolean {
  return call === "write" || call === "sync" || call === "sync-folder" || call === "truncate" || call === "rename";
}

test(
  "segments: a write or sync that fails ends the store, is never tried again, and costs nothing acknowledged",
  { timeout: 120_000 },
  async () => {
    const tally = new Tally("segments/EIO at each call");
    await failEach(tally, "EIO");
    tally.conclude();
  },
);

test(
  "segments: a disk that is full for a moment refuses what is new and loses nothing",
  { timeout: 120_000 },
  async () => {
    const tally = new Tally("segments/ENOSPC at each call");
    const scenes = await failEach(tally, "ENOSPC");
    tally.conclude();
    expect(scenes.filter(({ refused }) => refused > 0).length).toBeGreaterThan(10);
  },
);

test.each(["ignores-failed-syncs", "repeats-failed-syncs"] as const)(
  "segments: a store that %s is noticed",
  { timeout: 120_000 },
  async (how) => {
    const tally = new Tally(`segments/EIO at each call, ${how}`);
    await failEach(tally, "EIO", how);
    expect(tally.complaints.length).toBeGreaterThan(0);
    expect(tally.lost).toBeGreaterThan(0);
  },
);

test("segments: no history of work, faults and power cuts breaks it", { timeout: 300_000 }, async () => {
  const tally = new Tally("segments/random histories");
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const random = createSeededFractions(seed);
    const scene = new Scene(seed);
    for (let life = 0; life < 5; life += 1) {
      const likely = random() * 0.03;
      const faults = ["EIO", "ENOSPC", "ENOSPC", "power-cut"] as const;
      scene.meet(() => (random() < likely ? faults[Math.floor(random() * faults.length)] : undefined));
      scene.disk.capacity = random() < 0.2 ? scene.disk.size() + Math.floor(random() * 20_000) : Infinity;
      const workload = new Workload(seed * 10 + life, SIZE);
      workload.adopt(scene.ledger.openLogs());
      await scene.work(workload, 3 + Math.floor(random() * 15));
      scene.disk.capacity = Infinity;
      await scene.reopen(tally, `seed ${String(seed)} life ${String(life)}`);
    }
  }
  tally.conclude();
});
