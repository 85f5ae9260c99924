import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, describeLogStore } from "@stonechat/testkit";
import { MemorySegmentFiles } from "@stonechat/testkit/memory-segment-files";
import { NodeSegmentFiles } from "./node-segment-files.ts";
import { MemorySegmentState } from "./segment-state.ts";
import { SegmentStore } from "./segment-store.ts";

await initCrypto();

const parts = {
  ...{ limits: CONTRACT_LIMITS, reserveBytes: 0, segmentBytes: 4096 },
  random: systemRandom(),
  elapsed: () => performance.now(),
  schedule: (work: () => void) => {
    setImmediate(work);
  },
};

describeLogStore("segments in memory", async () => {
  const store = await SegmentStore.open({
    ...parts,
    files: new MemorySegmentFiles(1),
    state: new MemorySegmentState(),
  });
  return { store, close: () => store.close() };
});

describeLogStore("segments on disk", async () => {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-relay-"));
  const files = await NodeSegmentFiles.open(folder);
  const store = await SegmentStore.open({ ...parts, files, state: new MemorySegmentState() });
  return {
    store,
    close: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});
