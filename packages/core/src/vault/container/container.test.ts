import { initCrypto, systemRandom } from "@stonechat/crypto";
import { describeBlockFiles } from "@stonechat/testkit/block-files-contract";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { beforeAll, expect, test } from "vitest";
import { quickRandom } from "../../testing/quick-random.ts";
import { get, keyOf, put, SlotStage, SMALL } from "../../testing/slot-stage.ts";
import { chiSquare, worstWindow } from "../../testing/window-statistics.ts";
import { BLOCK_BYTES, Container, CONTAINER_DEFAULTS, DATABASE_FILE, SLOT_COUNT } from "./index.ts";

beforeAll(initCrypto);

/** A window of random bytes reaches it with probability 5e-12, one of a thousand less than once in a hundred million runs. */
const WINDOW_LIMIT = 440;

describeBlockFiles("a slot", async () => {
  const stage = await SlotStage.create();
  return {
    files: stage.container.formatSlot(1, keyOf(1)).files,
    close: async () => {
      stage.container.close();
      return Promise.resolve();
    },
  };
});

test("the product's container has two header copies of 32 KiB and four chunks of 16 MiB", () => {
  expect(CONTAINER_DEFAULTS).toEqual({ headerBytes: 32_768, chunkBytes: 16_777_216 });
});

test("header copies are kept apart from each other and from the slots", async () => {
  const stage = await SlotStage.create();
  const before = stage.bytes;
  stage.container.writeHeader(1, new Uint8Array(SMALL.headerBytes).fill(5));
  stage.container.flush();
  await stage.reopen("crash");
  expect([...new Set(stage.container.readHeader(1))]).toEqual([5]);
  expect(changedBlocks(before, stage.bytes)).toEqual([SMALL.headerBytes]);
  expect(() => {
    stage.container.writeHeader(0, new Uint8Array(1));
  }).toThrow(RangeError);
});

test("a file shorter than the smallest container is corrupt, and an index beyond the slots our own mistake", async () => {
  const stage = await SlotStage.create();
  const file = await new MemoryBlockFiles(1).open("short");
  file.write(stage.bytes.subarray(1), 0);
  expect(() => Container.open(file, quickRandom(1), SMALL)).toThrow(
    expect.objectContaining({ code: "corrupt" }) as Error,
  );
  expect(() => stage.container.openSlot(SLOT_COUNT, keyOf(1))).toThrow(RangeError);
  expect(() => stage.container.openSlot(0, new Uint8Array(31))).toThrow(RangeError);
});

test("an unused slot, another key's slot, another slot's key and a destroyed slot give the same answer, and change nothing", async () => {
  const stage = await SlotStage.create();
  await put(stage.container.formatSlot(0, keyOf(1)), "a", Uint8Array.of(1));
  stage.container.formatSlot(2, keyOf(2)).close();
  await stage.reopen();
  stage.container.scrubSlot(2);
  const before = stage.bytes;
  expect([
    stage.container.openSlot(1, keyOf(1)),
    stage.container.openSlot(0, keyOf(2)),
    stage.container.openSlot(3, keyOf(2)),
    stage.container.openSlot(2, keyOf(2)),
  ]).toEqual([undefined, undefined, undefined, undefined]);
  expect(Buffer.compare(before, stage.bytes)).toBe(0);
  expect([...(await get(stage.slot(0, keyOf(1)), "a"))]).toEqual([1]);
});

test("roots put into the other place, or into another slot, open nothing there", async () => {
  const stage = await SlotStage.create();
  stage.container.formatSlot(0, keyOf(1)).close();
  const [first = 0, second = 0] = stage.blocksOf(0);
  const [elsewhere = 0, elsewhereToo = 0] = stage.blocksOf(1);
  const root = new Uint8Array(BLOCK_BYTES);
  stage.file.read(root, first);
  for (const place of [second, elsewhere, elsewhereToo]) stage.file.write(root, place);
  stage.file.write(new Uint8Array(BLOCK_BYTES), first);
  await stage.reopen();
  expect(stage.container.openSlot(0, keyOf(1))).toBeUndefined();
  expect(stage.container.openSlot(1, keyOf(1))).toBeUndefined();
});

test("used and unused containers have the same size, and every window of 4 KiB looks random, also while it grows", async () => {
  const random = systemRandom();
  const sizes = { headerBytes: 8 * BLOCK_BYTES, chunkBytes: 32 * BLOCK_BYTES };
  const [unused, used] = [new MemoryBlockFiles(1), new MemoryBlockFiles(2)];
  Container.create(await unused.open("vault.bin"), random, sizes).close();
  const container = Container.create(await used.open("vault.bin"), random, sizes);
  const slot = container.formatSlot(3, random.bytes(32));
  await put(slot, DATABASE_FILE, new Uint8Array(10 * BLOCK_BYTES));
  await put(slot, "a", new Uint8Array(3 * BLOCK_BYTES).fill(0x20));
  slot.close();
  expect(used.size()).toBe(unused.size());
  for (const disk of [unused, used]) {
    expect(worstWindow(disk.contents("vault.bin"))).toBeLessThan(WINDOW_LIMIT);
    expect(chiSquare(disk.contents("vault.bin"))).toBeLessThan(WINDOW_LIMIT);
  }
  const again = container.formatSlot(3, random.bytes(32));
  await put(again, DATABASE_FILE, new Uint8Array(100 * BLOCK_BYTES));
  expect(container.fileBytes).toBe(used.size());
  expect(used.size()).toBe(unused.size() + 3 * SLOT_COUNT * sizes.chunkBytes);
  expect(worstWindow(used.contents("vault.bin"))).toBeLessThan(WINDOW_LIMIT);
});

test("slots never touch each other's blocks, and the growth of one leaves the bytes of all others as they were", async () => {
  const stage = await SlotStage.create();
  const slots = [0, 2].map((index) => ({ index, slot: stage.container.formatSlot(index, keyOf(index + 1)) }));
  for (const { index, slot } of slots) {
    const before = stage.bytes;
    await put(slot, DATABASE_FILE, new Uint8Array(60 * BLOCK_BYTES).fill(index + 1));
    await put(slot, "a", new Uint8Array(3 * BLOCK_BYTES).fill(index + 1));
    const own = new Set(stage.blocksOf(index));
    const foreign = changedBlocks(before, stage.bytes).filter((at) => !own.has(at));
    expect(foreign.filter((at) => at < before.length)).toEqual([]);
  }
  await stage.reopen("crash");
  for (const { index } of slots) {
    const bytes = await get(stage.slot(index, keyOf(index + 1)), DATABASE_FILE);
    expect([...new Set(bytes)]).toEqual([index + 1]);
  }
});

test("power lost while the container grows leaves what was stored, random bytes everywhere, and room to grow again", async () => {
  for (let cutAfter = 0; cutAfter < 12; cutAfter += 1) {
    const stage = await SlotStage.create(cutAfter + 1);
    const slot = stage.container.formatSlot(0, keyOf(1));
    await put(slot, "a", new Uint8Array(5 * BLOCK_BYTES).fill(1));
    const cutAt = stage.disk.operations + cutAfter;
    stage.disk.decide = ({ number }) => (number === cutAt ? "power-cut" : undefined);
    await put(slot, "b", new Uint8Array(60 * BLOCK_BYTES).fill(2)).catch(() => undefined);
    await stage.reopen("crash");
    expect(worstWindow(stage.bytes)).toBeLessThan(WINDOW_LIMIT);
    const again = stage.slot(0, keyOf(1));
    expect([...new Set(await get(again, "a"))]).toEqual([1]);
    await put(again, "b", new Uint8Array(60 * BLOCK_BYTES).fill(3));
    expect([...new Set(await get(again, "b"))]).toEqual([3]);
    expect(worstWindow(stage.bytes)).toBeLessThan(WINDOW_LIMIT);
  }
});

test("a full disk refuses growth and leaves all as it was; with space again it works", async () => {
  const stage = await SlotStage.create();
  const slot = stage.container.formatSlot(0, keyOf(1));
  await put(slot, "a", new Uint8Array(5 * BLOCK_BYTES).fill(1));
  stage.disk.capacity = stage.disk.size() + BLOCK_BYTES;
  const size = stage.disk.size();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await expect(put(slot, `b-${String(attempt)}`, new Uint8Array(60 * BLOCK_BYTES))).rejects.toMatchObject({
      code: "full",
    });
  }
  expect(stage.disk.size()).toBe(size);
  expect([...new Set(await get(slot, "a"))]).toEqual([1]);
  stage.disk.capacity = Infinity;
  await put(slot, "c", new Uint8Array(60 * BLOCK_BYTES).fill(3));
  await stage.reopen("crash");
  expect([...new Set(await get(stage.slot(0, keyOf(1)), "c"))]).toEqual([3]);
});

test("space that files gave back is used again: a thousand rewritten files leave the container as small as it was", async () => {
  const stage = await SlotStage.create();
  const slot = stage.container.formatSlot(0, keyOf(1));
  const size = stage.disk.size();
  for (let round = 0; round < 1000; round += 1) {
    await put(slot, `a-${String(round % 3)}`, new Uint8Array(4 * BLOCK_BYTES).fill(round));
    if (round % 7 === 0) await slot.files.delete(`a-${String(round % 3)}`);
  }
  expect(stage.disk.size()).toBe(size);
  await stage.reopen("crash");
  expect(stage.slot(0, keyOf(1)).liveBytes).toBeLessThan(25 * BLOCK_BYTES);
});

test("a slot that is closed refuses, and can be opened again", async () => {
  const stage = await SlotStage.create();
  const slot = stage.container.formatSlot(0, keyOf(1));
  const file = await slot.files.open("a");
  expect(() => stage.container.openSlot(0, keyOf(1))).toThrow(RangeError);
  slot.close();
  slot.close();
  expect(() => {
    file.flush();
  }).toThrow(expect.objectContaining({ code: "io" }) as Error);
  await expect(slot.files.list()).rejects.toMatchObject({ code: "io" });
  expect(await stage.slot(0, keyOf(1)).files.list()).toEqual(["a"]);
});

/** Places of the blocks that differ; what is new counts, too. */
function changedBlocks(before: Uint8Array, after: Uint8Array): number[] {
  const changed: number[] = [];
  for (let at = 0; at < after.length; at += BLOCK_BYTES) {
    if (Buffer.compare(before.subarray(at, at + BLOCK_BYTES), after.subarray(at, at + BLOCK_BYTES)) !== 0) {
      changed.push(at);
    }
  }
  return changed;
}
