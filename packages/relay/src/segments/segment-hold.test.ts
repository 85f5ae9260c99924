import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS } from "@stonechat/testkit";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { expect, test } from "vitest";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { MemorySegmentState } from "./segment-state.ts";
import { SegmentStore } from "./segment-store.ts";

await initCrypto();

async function openStore(files = new MemorySegmentFiles(1), state = new MemorySegmentState()): Promise<SegmentStore> {
  return await SegmentStore.open({
    ...{ files, state, limits: CONTRACT_LIMITS, reserveBytes: 0, segmentBytes: 1000, random: systemRandom() },
    schedule: (work) => {
      setImmediate(work);
    },
  });
}

/** Two epochs, an entry that is gone, and a log with an owner. */
async function fill(store: SegmentStore): Promise<void> {
  const [one, append] = [logId(1), hashOf("append 0")];
  const ids = { logId: one, appendHash: append, expiresAt: 1e13 };
  await store.create({ logId: one, readHash: hashOf("read 0"), appendHash: append, ownerHash: undefined });
  await store.create({ logId: logId(2), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: hashOf("owner") });
  await store.append({ ...ids, entryId: entryId(1), body: bodyOf(1) });
  await store.append({ ...ids, entryId: entryId(2), body: bodyOf(2), expiresAt: 5 });
  const next = { nextReadHash: hashOf("read 1"), nextAppendHash: hashOf("append 1") };
  await store.commit({ ...ids, ...next, entryId: entryId(3), body: bodyOf(3, 700) });
  await store.append({ ...ids, appendHash: hashOf("append 1"), entryId: entryId(4), body: bodyOf(4, 900) });
  await store.expire(10, 100);
}

async function read(store: SegmentStore, epoch: number) {
  const readHash = hashOf(`read ${String(epoch)}`);
  return await store.read({ logId: logId(1), readHash, from: 0, limit: 100, maxBytes: 1e6, now: 0 });
}

test("what is held for a copy makes the store as it was, whatever is appended, expires and is dropped meanwhile", async () => {
  const [files, state] = [new MemorySegmentFiles(3), new MemorySegmentState()];
  const store = await openStore(files, state);
  await fill(store);
  const { files: held, release } = await store.hold();
  const before = await read(store, 1);
  const append = { logId: logId(1), appendHash: hashOf("append 1"), expiresAt: 5 };
  for (let n = 10; n < 40; n += 1)
    await store.append({ ...append, entryId: entryId(n), body: bodyOf(n, 90) }).catch(String);
  while ((await store.expire(10, 10)).more);
  await store.swept();
  const copy = new MemorySegmentFiles(4);
  for (const { name, bytes } of held) {
    const file = await copy.create(name);
    await file.write((files.contents().get(name) ?? new Uint8Array(0)).slice(0, bytes), 0);
  }
  const restored = await openStore(copy, state);
  expect(await read(restored, 1)).toEqual(before);
  const during = files.size();
  release();
  await store.swept();
  expect(files.size()).toBeLessThan(during);
});
