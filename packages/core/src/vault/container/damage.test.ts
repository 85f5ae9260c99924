import { initCrypto } from "@stonechat/crypto";
import { beforeAll, expect, test } from "vitest";
import { StorageError } from "../../ports/storage-error.ts";
import { get, keyOf, put, SlotStage } from "../../testing/slot-stage.ts";
import { BLOCK_BYTES, DATABASE_FILE, type Slot } from "./index.ts";

beforeAll(initCrypto);

/** More than one map under the top of the database. */
const PAGES = 120;
const ROOTS = 2;
const CORRUPT = expect.objectContaining({ name: "StorageError", code: "corrupt" }) as Error;

function page(index: number): Uint8Array {
  return new Uint8Array(BLOCK_BYTES).fill(1 + (index % 250));
}

/** A database and two attachments, ended cleanly, so that nothing found later can be a commit cut short. */
async function filled(): Promise<SlotStage> {
  const stage = await SlotStage.create();
  const slot = stage.container.formatSlot(0, keyOf(1));
  const database = await slot.files.open(DATABASE_FILE);
  for (let index = 0; index < PAGES; index += 1) database.write(page(index), index * BLOCK_BYTES);
  database.flush();
  await put(slot, "a", page(7));
  await put(slot, "b", page(8));
  slot.close();
  return stage;
}

/** Which pages of the database cannot be read; all others must hold what was written. */
async function unreadable(slot: Slot): Promise<number[]> {
  const database = await slot.files.open(DATABASE_FILE);
  const found: number[] = [];
  const into = new Uint8Array(BLOCK_BYTES);
  for (let index = 0; index < PAGES; index += 1) {
    try {
      database.read(into, index * BLOCK_BYTES);
      expect(Buffer.compare(into, page(index))).toBe(0);
    } catch (error) {
      expect(error).toEqual(CORRUPT);
      found.push(index);
    }
  }
  database.close();
  return found;
}

async function isReadable(slot: Slot, name: string, index: number): Promise<boolean> {
  try {
    expect(Buffer.compare(await get(slot, name), page(index))).toBe(0);
    return true;
  } catch (error) {
    expect(error).toEqual(CORRUPT);
    return false;
  }
}

test("a turned bit in any block costs what lies under it, is said, and nothing else is touched", async () => {
  const stage = await filled();
  const costs = new Map<string, number>();
  const note = (cost: string): void => void costs.set(cost, (costs.get(cost) ?? 0) + 1);
  for (const [block, at] of [...stage.blocksOf(0)].entries()) {
    if (block < ROOTS) continue;
    stage.flip(at + ((block * 977) % BLOCK_BYTES), 1 << (block % 8));
    const slot = stage.slot(0, keyOf(1));
    const lost = await unreadable(slot);
    const files = [await isReadable(slot, "a", 7), await isReadable(slot, "b", 8)];
    note(`${String(lost.length)} pages, ${String(files.filter((one) => !one).length)} files`);
    slot.close();
    stage.flip(at + ((block * 977) % BLOCK_BYTES), 1 << (block % 8));
  }
  // Every page by itself, the two maps above them, the top over both, each attachment, the directory, and free blocks.
  const found = Object.fromEntries(costs);
  delete found["0 pages, 0 files"];
  expect(found).toEqual({
    "1 pages, 0 files": PAGES,
    "93 pages, 0 files": 1,
    "27 pages, 0 files": 1,
    "120 pages, 0 files": 1,
    "0 pages, 1 files": 2,
    "0 pages, 2 files": 1,
  });
});

test("one damaged root is mended by the other; two are as no slot at all", async () => {
  const stage = await filled();
  const [first = 0, second = 0] = stage.blocksOf(0);
  stage.flip(first);
  stage.slot(0, keyOf(1)).close();
  stage.flip(second);
  const slot = stage.slot(0, keyOf(1));
  expect(await unreadable(slot)).toEqual([]);
  slot.close();
  stage.flip(first);
  stage.flip(second);
  expect(stage.container.openSlot(0, keyOf(1))).toBeUndefined();
});

test("what was written over a damaged page can be read, and writing elsewhere harms nothing", async () => {
  const stage = await filled();
  const damaged = await damagePage(stage, 5);
  const database = await damaged.files.open(DATABASE_FILE);
  expect(() => {
    database.write(Uint8Array.of(1), 5 * BLOCK_BYTES + 9);
  }).toThrow(CORRUPT);
  for (const index of [4, 5, 50]) database.write(page(index), index * BLOCK_BYTES);
  database.flush();
  database.close();
  await stage.reopen("crash");
  expect(await unreadable(stage.slot(0, keyOf(1)))).toEqual([]);
});

test("blocks that lie under a damaged map are not written over", async () => {
  const stage = await filled();
  const damaged = await damageMap(stage);
  const lost = await unreadable(damaged);
  expect(lost.length).toBeGreaterThan(1);
  await put(damaged, "c", new Uint8Array(60 * BLOCK_BYTES).fill(3));
  damaged.close();
  stage.flip(mapAt);
  expect(await unreadable(stage.slot(0, keyOf(1)))).toEqual([]);
});

test("when names were lost, asking for one of them is an error, not an empty file", async () => {
  const stage = await filled();
  for (const at of [...stage.blocksOf(0)].slice(ROOTS)) {
    stage.flip(at);
    const slot = stage.slot(0, keyOf(1));
    const names = await slot.files.list();
    if (!names.includes("a")) {
      expect(names).toEqual([DATABASE_FILE]);
      await expect(slot.files.exists("a")).rejects.toThrow(StorageError);
      await expect(slot.files.open("a")).rejects.toEqual(CORRUPT);
      expect(await unreadable(slot)).toEqual([]);
      return;
    }
    slot.close();
    stage.flip(at);
  }
  expect.unreachable();
});

test("blocks cannot be exchanged for each other, nor for what stood there before", async () => {
  const stage = await filled();
  const before = stage.bytes;
  const [one, other] = [await placeOfPage(stage, 3), await placeOfPage(stage, 4)];
  stage.file.write(before.subarray(other, other + BLOCK_BYTES), one);
  stage.file.write(before.subarray(one, one + BLOCK_BYTES), other);
  const slot = stage.slot(0, keyOf(1));
  expect(await unreadable(slot)).toEqual([3, 4]);
});

let mapAt = 0;

async function damageMap(stage: SlotStage): Promise<Slot> {
  for (const at of [...stage.blocksOf(0)].slice(ROOTS)) {
    stage.flip(at);
    const slot = stage.slot(0, keyOf(1));
    mapAt = at;
    if ((await unreadable(slot)).length === 93) return slot;
    slot.close();
    stage.flip(at);
  }
  throw new Error("no such map");
}

async function damagePage(stage: SlotStage, index: number): Promise<Slot> {
  stage.flip(await placeOfPage(stage, index));
  return stage.slot(0, keyOf(1));
}

async function placeOfPage(stage: SlotStage, index: number): Promise<number> {
  for (const at of [...stage.blocksOf(0)].slice(ROOTS)) {
    stage.flip(at);
    const slot = stage.slot(0, keyOf(1));
    const lost = await unreadable(slot);
    slot.close();
    stage.flip(at);
    if (lost.length === 1 && lost[0] === index) return at;
  }
  throw new Error("no such page");
}
