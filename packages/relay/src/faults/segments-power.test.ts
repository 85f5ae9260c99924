import { initCrypto } from "@stonechat/crypto/issuer";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { expect, test } from "vitest";
import { MemorySegmentState } from "../segments/segment-state.ts";
import { carelessFiles, type Carelessness } from "../testing/faults/broken-files.ts";
import { FATES, type DiskEvent } from "../testing/faults/disk-model.ts";
import { Journal } from "../testing/faults/journal.ts";
import { powerCuts, recordingOf, type PowerCut } from "../testing/faults/power-cuts.ts";
import { RecordedSegments } from "../testing/faults/recorded-segments.ts";
import { filesOf, openSegmentsSubject, stateOf } from "../testing/faults/segments-subject.ts";
import { Tally } from "../testing/faults/tally.ts";
import { SMALL_WORKLOAD, Workload } from "../testing/faults/workload.ts";

await initCrypto();
const IMAGES = Number(process.env["STONECHAT_POWER_CUTS"] ?? 2400);
const SEEDS = 4;
const ROUNDS = 40;
/** Every so many images, what the restart does is itself cut short. */
const NESTED_EVERY = 40;
const NESTED_IMAGES = 12;
const RESTART_FATES = FATES.filter((fate) => fate !== "noise");
const SIZE = { ...SMALL_WORKLOAD, pools: false };

/** What the store asks of its disk while it is used, with the journal of its clients in between. */
async function record(seed: number, how?: Carelessness): Promise<readonly DiskEvent[]> {
  const recorded = new RecordedSegments(new MemorySegmentFiles(seed), new MemorySegmentState());
  const files = how === undefined ? recorded : carelessFiles(recorded, how);
  const { store, perform } = await openSegmentsSubject(files, recorded.state);
  const journal = new Journal((item) => {
    recorded.events.push({ type: "journal", item });
  });
  await new Workload(seed, SIZE).run(journal.over(perform), ROUNDS);
  await store.close();
  return recorded.events;
}

/** Opens an image, looks at it, goes on in it, and opens it once more. @returns what the restart asked of the disk. */
async function examine(tally: Tally, { image, state, ledger, where }: PowerCut): Promise<readonly DiskEvent[]> {
  const recorded = new RecordedSegments(await filesOf(image), await stateOf(state), image.keys());
  try {
    const { store, perform } = await openSegmentsSubject(recorded, recorded.state);
    tally.add(ledger.acknowledged, await ledger.examine(perform, "thorough"), where);
    await store.close();
  } catch (error) {
    const what = error instanceof Error ? `${error.name} ${error.message}` : "it does not open";
    tally.add(ledger.acknowledged, { findings: [{ kind: "lost", what }] }, where);
  }
  return recorded.events;
}

async function crashLoop(tally: Tally, events: readonly DiskEvent[], images: number, seed: number): Promise<void> {
  let count = 0;
  for (const cut of powerCuts(events, { images, seed })) {
    const restart = await examine(tally, cut);
    count += 1;
    if (count % NESTED_EVERY === 0) await cutRestart(tally, cut, restart, seed);
  }
}

/**
 * The power fails again while the store gets up. It writes its newest batch once more then, over the same bytes; that a
 * sector which is overwritten by what it holds stays readable is what it asks of the disk.
 */
async function cutRestart(tally: Tally, cut: PowerCut, restart: readonly DiskEvent[], seed: number): Promise<void> {
  const before: readonly DiskEvent[] = [...recordingOf(cut.image), { type: "saved", state: cut.state }];
  const plan = { images: NESTED_IMAGES, seed, spared: before.length - 1, ledger: cut.ledger, fates: RESTART_FATES };
  for (const again of powerCuts([...before, ...restart], plan))
    await examine(tally, { ...again, where: `${cut.where}, then ${again.where}` });
}

test(
  "segments: whatever a power cut leaves of un-synced writes and names, what was acknowledged is there",
  { timeout: 300_000 },
  async () => {
    const tally = new Tally("segments/power");
    const renamed = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const events = await record(seed);
      for (const event of events)
        if (event.type === "change" && event.change.kind === "rename")
          renamed.add(event.change.to.replace(/^.*\./, ""));
      await crashLoop(tally, events, Math.ceil(IMAGES / SEEDS), seed);
    }
    // Segments were compacted, and indexes of them saved.
    expect([...renamed].toSorted()).toEqual(["idx", "seg"]);
    tally.conclude();
    expect(tally.faults).toBeGreaterThanOrEqual(IMAGES);
  },
);

test.each(["acknowledges-early", "forgets-names"] as const)(
  "segments: a store that %s is noticed",
  { timeout: 120_000 },
  async (how) => {
    const tally = new Tally(`segments/power, ${how}`);
    await crashLoop(tally, await record(7, how), 200, 7);
    expect(tally.lost).toBeGreaterThan(0);
  },
);
