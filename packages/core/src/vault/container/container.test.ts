import { initCrypto } from "@stonechat/crypto";
import { describeBlockFiles } from "@stonechat/testkit/block-files-contract";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { beforeAll } from "vitest";
import { quickRandom } from "../../testing/quick-random.ts";
import { BLOCK_BYTES, Container } from "./index.ts";

beforeAll(initCrypto);

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 32 * BLOCK_BYTES };
const KEY = new Uint8Array(32).fill(7);

describeBlockFiles("a slot", async () => {
  const container = Container.create(await new MemoryBlockFiles(1).open("vault"), quickRandom(1), SIZES);
  const slot = container.formatSlot(1, KEY);
  return {
    files: slot.files,
    close: async () => {
      container.close();
      return Promise.resolve();
    },
  };
});
