import type { Random } from "@stonechat/crypto/issuer";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import type { SegmentFiles } from "../../segments/segment-files.ts";
import { MemorySegmentState, type SavedState, type SegmentState } from "../../segments/segment-state.ts";
import { SegmentStore } from "../../segments/segment-store.ts";
import type { DiskImage } from "./disk-model.ts";
import { performOn, type Perform } from "./perform.ts";

const LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 1e6 };
/** So small that a workload of a few rounds begins many. */
const SEGMENT_BYTES = 8192;

/** A segment store under test. */
export interface SegmentsSubject {
  readonly store: SegmentStore;
  readonly perform: Perform;
}

/** Opens a store on these files. Pools are kept elsewhere: nobody may ask for them. */
export async function openSegmentsSubject(
  files: SegmentFiles,
  state: SegmentState,
  random: Random = repeatableRandom("segments"),
): Promise<SegmentsSubject> {
  let elapsed = 0;
  const store = await SegmentStore.open({
    ...{ files, state, limits: LIMITS, reserveBytes: 0, segmentBytes: SEGMENT_BYTES },
    // Little of what was written stays in memory, so that reads go to the files.
    recentBytes: 4096,
    random,
    // Each look at the clock takes a moment, the same at every run.
    elapsed: () => (elapsed += 0.01),
    schedule: (work) => {
      setImmediate(work);
    },
  });
  const nowhere = (): Promise<never> => Promise.reject(new RangeError("no pools here"));
  const logs = performOn({
    create: (log) => store.create(log),
    append: (entry) => store.append(entry),
    commit: (entry) => store.commit(entry),
    read: (what) => store.read(what),
    destroy: (log) => store.destroy(log),
    expire: (now, maxEntries) => store.expire(now, maxEntries),
    stats: () => store.stats(),
    pools: { put: nowhere, take: nowhere, status: nowhere },
  });
  return { store, perform: logs };
}

/** A folder in memory that holds this and nothing that is not durable. */
export async function filesOf(image: DiskImage, seed = 1): Promise<MemorySegmentFiles> {
  const files = new MemorySegmentFiles(seed);
  for (const [name, bytes] of image) {
    const file = await files.create(name);
    await file.write(bytes, 0);
    await file.sync();
    await file.close();
  }
  await files.syncFolder();
  return files;
}

/** The table as it was saved. */
export async function stateOf(saved: SavedState | undefined): Promise<MemorySegmentState> {
  const state = new MemorySegmentState();
  if (saved !== undefined) await state.save({ ...saved, gone: [] });
  return state;
}
