import { initCrypto } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, repeatableRandom } from "@stonechat/testkit";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { expect, test } from "vitest";
import { entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { MemorySegmentState, type SegmentState, type StateChange } from "./segment-state.ts";
import { SegmentStore } from "./segment-store.ts";

await initCrypto();

/** Saves like the database: what is to be saved is looked at after the saving began. After the last saving nothing is. */
class SlowState implements SegmentState {
  readonly saved = new MemorySegmentState();
  /** Done in the middle of the next saving, which is the last. */
  last: (() => Promise<unknown>) | undefined;
  #over = false;

  load(): ReturnType<SegmentState["load"]> {
    return this.saved.load();
  }
  async save(change: StateChange): Promise<void> {
    if (this.#over) await Promise.withResolvers<never>().promise;
    const { last } = this;
    this.#over = last !== undefined;
    await last?.();
    await this.saved.save(change);
  }
  async close(): Promise<void> {
    return Promise.resolve();
  }
}

function openOn(files: MemorySegmentFiles, state: SegmentState): Promise<SegmentStore> {
  return SegmentStore.open({
    ...{ files: files.session(), state, limits: CONTRACT_LIMITS, reserveBytes: 0, segmentBytes: 500 },
    ...{ random: repeatableRandom(1), elapsed: () => 0 },
    schedule: (work) => {
      setImmediate(work);
    },
  });
}

test("a store opens again after a log was destroyed while a checkpoint was saved", async () => {
  const [files, state] = [new MemorySegmentFiles(1), new SlowState()];
  const store = await openOn(files, state);
  for (const n of [1, 2]) {
    const hashes = { readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: hashOf("o") };
    await store.create({ logId: logId(n), ...hashes });
  }
  const append = (n: number) =>
    store.append({
      ...{ logId: logId(1), appendHash: hashOf("a"), entryId: entryId(n) },
      ...{ expiresAt: 1e13, body: new Uint8Array(100) },
    });
  for (let n = 0; n < 20; n += 1) await append(n);
  await store.swept();
  const destroyed = Promise.withResolvers<undefined>();
  state.last = async () => {
    await store.destroy({ logId: logId(1), ownerHash: hashOf("o") });
    destroyed.resolve(undefined);
  };
  for (let n = 20; n < 40; n += 1) await append(n);
  await destroyed.promise;
  await new Promise(setImmediate);
  files.kill();
  const again = await openOn(files, state.saved);
  expect(await again.stats()).toEqual({ logs: 1, entries: 0, bytes: 0 });
});
