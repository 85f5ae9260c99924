import { initCrypto } from "@stonechat/crypto/issuer";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { expect, test } from "vitest";
import { DamagedEntryError, DamagedSegmentError } from "../segments/segment-errors.ts";
import { MemorySegmentState, type SavedState } from "../segments/segment-state.ts";
import type { DiskImage } from "../testing/faults/disk-model.ts";
import { flipped } from "../testing/faults/flipped.ts";
import { Journal } from "../testing/faults/journal.ts";
import { Ledger } from "../testing/faults/ledger.ts";
import type { Perform } from "../testing/faults/perform.ts";
import { filesOf, openSegmentsSubject, stateOf } from "../testing/faults/segments-subject.ts";
import { SMALL_WORKLOAD, Workload } from "../testing/faults/workload.ts";

await initCrypto();
const ROUNDS = 30;
/** One bit is turned in each stretch of so many bytes. */
const STRETCH_BYTES = 256;

/** A store that was closed in order, and what its clients know. */
async function atRest(seed: number): Promise<{ image: DiskImage; saved: SavedState | undefined; ledger: Ledger }> {
  const disk = new MemorySegmentFiles(seed);
  const state = new MemorySegmentState();
  const ledger = new Ledger();
  const journal = new Journal((item) => {
    ledger.note(item);
  });
  const { store, perform } = await openSegmentsSubject(disk, state);
  await new Workload(seed, { ...SMALL_WORKLOAD, pools: false }).run(journal.over(perform), ROUNDS);
  await store.close();
  return { image: disk.contents(), saved: await state.load(), ledger };
}

/** A reader that goes around a damaged entry: it is told of it, and reads what follows one by one. */
function patient(perform: Perform, damaged: { count: number }): Perform {
  return async (operation) => {
    try {
      return await perform(operation);
    } catch (error) {
      if (operation.type !== "read" || !(error instanceof DamagedEntryError)) throw error;
      if (operation.limit > 1) return await patient(perform, damaged)({ ...operation, limit: 1 });
      damaged.count += 1;
      return await patient(perform, damaged)({ ...operation, from: operation.from + 1 });
    }
  };
}

test(
  "segments: a bit that turned is a typed error that names the file, costs at most what it hit, and is never served",
  { timeout: 120_000 },
  async () => {
    const { image, saved, ledger } = await atRest(11);
    const random = createSeededFractions(11);
    const seen = { flips: 0, harmless: 0, refused: 0, named: 0 };
    for (const { image: rotten, where } of flipped(image, STRETCH_BYTES, random)) {
      seen.flips += 1;
      try {
        const { store, perform } = await openSegmentsSubject(await filesOf(rotten), await stateOf(saved));
        const damaged = { count: 0 };
        const { findings } = await ledger.examine(patient(perform, damaged), "only-read");
        if (damaged.count > 0) seen.named += 1;
        else if (findings.length === 0) seen.harmless += 1;
        // The one entry that was hit is missing if we were told so; nothing else is wrong anywhere.
        const lost = findings.filter(({ kind }) => kind === "lost");
        expect(
          findings.filter(({ kind, what }) => kind !== "lost" && !what.endsWith("gaps")),
          where,
        ).toEqual([]);
        expect(lost.length, where).toBeLessThanOrEqual(Math.min(1, damaged.count));
        await store.close();
      } catch (error) {
        if (!(error instanceof DamagedSegmentError)) throw error;
        expect(image.has(error.file), where).toBe(true);
        seen.refused += 1;
      }
    }
    process.stdout.write(
      `segments/bit flips: ${String(seen.flips)} flips: ${String(seen.refused)} refused at start, ` +
        `${String(seen.named)} told at reading, ${String(seen.harmless)} without effect, 0 served wrong\n`,
    );
    expect(seen.refused).toBeGreaterThan(0);
    expect(seen.named).toBeGreaterThan(0);
  },
);
