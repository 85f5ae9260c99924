import { initCrypto } from "@stonechat/crypto";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { beforeAll, expect, test } from "vitest";
import { get, keyOf, SlotStage } from "../../testing/slot-stage.ts";
import { BLOCK_BYTES, DATABASE_FILE, type Slot } from "./index.ts";
import { MAX_LOOSE } from "./sizes.ts";

beforeAll(initCrypto);

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 512 * BLOCK_BYTES };
/** Under five maps. */
const PAGES = 400;
const FAN_OUT = 93;
const ROOMY = { headerBytes: BLOCK_BYTES, chunkBytes: 1024 * BLOCK_BYTES };

function page(fill: number): Uint8Array {
  return new Uint8Array(BLOCK_BYTES).fill(fill);
}

/** A database of many pages beside what it must hold. */
class Pages {
  readonly stage: SlotStage;
  readonly expected = new Uint8Array(PAGES).fill(1);
  slot: Slot;

  private constructor(stage: SlotStage) {
    this.stage = stage;
    this.slot = stage.container.formatSlot(0, keyOf(1));
  }

  static async create(sizes = SIZES): Promise<Pages> {
    const pages = new Pages(await SlotStage.create(1, sizes));
    await pages.commit(pages.expected.keys(), 1);
    return pages;
  }

  async commit(indexes: Iterable<number>, fill: number): Promise<void> {
    const file = await this.slot.files.open(DATABASE_FILE);
    try {
      for (const index of indexes) {
        file.write(page(fill), index * BLOCK_BYTES);
        this.expected[index] = fill;
      }
      file.flush();
    } finally {
      file.close();
    }
  }

  async reopen(how: "close" | "crash", key = keyOf(1)): Promise<void> {
    await this.stage.reopen(how);
    this.slot = this.stage.slot(0, key);
  }

  /** Fills of the pages as they are read. */
  async found(): Promise<Uint8Array> {
    const bytes = await get(this.slot, DATABASE_FILE);
    return Uint8Array.from({ length: PAGES }, (_, index) => bytes[index * BLOCK_BYTES + 77] ?? 0);
  }

  /** Blocks that `work` writes. */
  async blocksWritten(work: () => Promise<void>): Promise<number> {
    const before = this.stage.disk.bytesWritten;
    await work();
    return (this.stage.disk.bytesWritten - before) / BLOCK_BYTES;
  }
}

test("a small commit writes its pages and the root, and no map until the root is full", async () => {
  const pages = await Pages.create();
  const spread = Array.from({ length: 8 }, (_, at) => at * 49);
  const written: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const indexes = spread.map((index) => index + round);
    written.push(await pages.blocksWritten(async () => pages.commit(indexes, 2 + round)));
  }
  // 64 entries after eight rounds; the ninth takes four maps and the one above them along.
  expect(written).toEqual([9, 9, 9, 9, 9, 9, 9, 9, 9 + 5, 9]);
  expect(await pages.found()).toEqual(pages.expected);
});

test("the pages of a small commit reach the disk in one write, also after a long life has scattered the free blocks", async () => {
  const pages = await Pages.create(ROOMY);
  const random = createSeededFractions(3);
  const operations: number[] = [];
  for (let round = 0; round < 400; round += 1) {
    const before = pages.stage.disk.operations;
    await pages.commit(
      Array.from({ length: 8 }, () => Math.floor(random() * PAGES)),
      1 + (round % 250),
    );
    operations.push(pages.stage.disk.operations - before);
  }
  // Pages, root, flush. Some commits end at the end of the slot, and every tenth or so writes maps.
  const asFew = operations.filter((count) => count === 3).length;
  expect(asFew).toBeGreaterThan(300);
});

test("pages are the same and no block is lost or given out twice, whatever commits and ends came before", async () => {
  const pages = await Pages.create();
  const random = createSeededFractions(7);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  for (let round = 0; round < 150; round += 1) {
    await pages.commit(
      Array.from({ length: 1 + upTo(random() < 0.1 ? 90 : 12) }, () => upTo(PAGES)),
      1 + upTo(250),
    );
    if (random() < 0.3) await pages.reopen(random() < 0.5 ? "close" : "crash");
    if (random() < 0.3) expect(await pages.found()).toEqual(pages.expected);
  }
  await pages.commit([1, 99, 399], 7);
  expect(await pages.found()).toEqual(pages.expected);
  await pages.reopen("close");
  // Roots, pages, five maps, and the one above them: blocks that rest or were forgotten would be more.
  expect(pages.slot.liveBytes).toBe((2 + PAGES + 5 + 1) * BLOCK_BYTES);
});

test("a file that is made shorter and grows again holds zeros where it was cut, also where only a root led", async () => {
  const pages = await Pages.create();
  await pages.commit([10, 150, 300], 5);
  await pages.reopen("crash");
  const file = await pages.slot.files.open(DATABASE_FILE);
  file.truncate(120 * BLOCK_BYTES);
  file.truncate(PAGES * BLOCK_BYTES);
  file.flush();
  file.close();
  pages.expected.fill(0, 120);
  expect(await pages.found()).toEqual(pages.expected);
  await pages.reopen("crash");
  expect(await pages.found()).toEqual(pages.expected);
  expect(pages.slot.liveBytes).toBe((2 + 120 + 2 + 1) * BLOCK_BYTES);
});

test("a re-keying takes along what only a root led to, and an abandoned one leaves it", async () => {
  const pages = await Pages.create();
  await pages.commit([3, 99, 399], 8);
  pages.slot.rekey(keyOf(2)).abandon();
  expect(await pages.found()).toEqual(pages.expected);
  pages.slot.rekey(keyOf(2)).commit();
  await pages.commit([4, 398], 9);
  await pages.reopen("crash", keyOf(2));
  expect(await pages.found()).toEqual(pages.expected);
});

test("a commit that fails leaves the entries of those before it", async () => {
  const pages = await Pages.create();
  for (let round = 0; round < 12; round += 1) {
    const indexes = Array.from({ length: 7 }, (_, at) => at * 50 + round);
    const before = pages.expected.slice();
    pages.stage.disk.decide = ({ kind }) => (kind === "flush" ? "io" : undefined);
    await expect(pages.commit(indexes, 99)).rejects.toMatchObject({ code: "io" });
    pages.stage.disk.decide = () => undefined;
    pages.expected.set(before);
    expect(await pages.found()).toEqual(before);
    await pages.commit(indexes, 2 + round);
  }
  await pages.reopen("close");
  expect(await pages.found()).toEqual(pages.expected);
});

test("pages that only the root leads to are read under a damaged map, and all others can be written for ever", async () => {
  const pages = await Pages.create();
  await pages.commit([5, 6, 200], 8);
  pages.slot.close();
  await damageFirstMap(pages);
  const file = await pages.slot.files.open(DATABASE_FILE);
  const readable = (index: number): number | undefined => {
    const into = new Uint8Array(BLOCK_BYTES);
    try {
      file.read(into, index * BLOCK_BYTES);
      return into[0];
    } catch (error) {
      expect(error).toMatchObject({ code: "corrupt" });
      return undefined;
    }
  };
  for (let round = 0; round < 2 * MAX_LOOSE; round += 1) {
    for (const index of [5, 100 + round, 399 - round]) file.write(page(round), index * BLOCK_BYTES);
    file.flush();
  }
  expect([4, 5, 6, 7, 100, 227, 399].map(readable)).toEqual([undefined, 127, 8, undefined, 0, 127, 0]);
});

/** Turns a bit in the map over the first pages. */
async function damageFirstMap(pages: Pages): Promise<void> {
  for (const at of [...pages.stage.blocksOf(0)].slice(2)) {
    pages.stage.flip(at);
    pages.slot = pages.stage.slot(0, keyOf(1));
    const file = await pages.slot.files.open(DATABASE_FILE);
    const isLost = (index: number): boolean => {
      try {
        file.read(new Uint8Array(BLOCK_BYTES), index * BLOCK_BYTES);
        return false;
      } catch {
        return true;
      }
    };
    const isFound = isLost(0) && isLost(FAN_OUT - 1) && !isLost(FAN_OUT);
    file.close();
    if (isFound) return;
    pages.slot.close();
    pages.stage.flip(at);
  }
  throw new Error("no such map");
}
