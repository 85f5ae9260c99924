import { initCrypto } from "@stonechat/crypto";
import { beforeAll, expect, test } from "vitest";
import { quickRandom } from "../../testing/quick-random.ts";
import { get, keyOf, put, SlotStage, SMALL } from "../../testing/slot-stage.ts";
import { BLOCK_BYTES, Container, DATABASE_FILE, type Slot } from "./index.ts";

beforeAll(initCrypto);

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 1200 * BLOCK_BYTES };
/** More than a file keeps in memory before it writes changes out. */
const SPILLED_BYTES = 400 * BLOCK_BYTES;
const IO = expect.objectContaining({ name: "StorageError", code: "io" }) as Error;

function pages(count: number, fill: number): Uint8Array {
  return new Uint8Array(count * BLOCK_BYTES).fill(fill);
}

async function begun(seed: number, sizes = SIZES): Promise<{ stage: SlotStage; slot: Slot }> {
  const stage = await SlotStage.create(seed, sizes);
  const slot = stage.container.formatSlot(0, keyOf(1));
  await put(slot, DATABASE_FILE, pages(2, 1));
  return { stage, slot };
}

test("what a failed flush of another file may have lost is not made durable later: the file refuses until it is opened again", async () => {
  const { stage, slot } = await begun(1);
  const file = await slot.files.open("a");
  file.write(pages(1, 3), 0);
  file.flush();
  file.write(new Uint8Array(SPILLED_BYTES).fill(4), 0);
  stage.disk.decide = ({ kind }) => (kind === "flush" ? "io" : undefined);
  await expect(put(slot, DATABASE_FILE, pages(2, 2))).rejects.toEqual(IO);
  stage.disk.decide = () => undefined;
  await put(slot, DATABASE_FILE, pages(2, 5));
  expect(() => {
    file.flush();
  }).toThrow(IO);
  expect(() => file.read(new Uint8Array(1), 0)).toThrow(IO);
  file.close();
  expect(Buffer.compare(await get(slot, "a"), pages(1, 3))).toBe(0);
  await stage.reopen("crash");
  const again = stage.slot(0, keyOf(1));
  expect(Buffer.compare(await get(again, "a"), pages(1, 3))).toBe(0);
  expect(Buffer.compare(await get(again, DATABASE_FILE), pages(2, 5))).toBe(0);
});

test("what a file wrote out for want of memory is its own until its flush, and is durable after it", async () => {
  for (const flushed of [false, true]) {
    const { stage, slot } = await begun(2);
    const file = await slot.files.open("a");
    file.write(new Uint8Array(SPILLED_BYTES).fill(4), 0);
    await put(slot, DATABASE_FILE, pages(2, 5));
    if (flushed) file.flush();
    await stage.reopen("crash");
    const again = stage.slot(0, keyOf(1));
    expect(Buffer.compare(await get(again, "a"), new Uint8Array(flushed ? SPILLED_BYTES : 0).fill(4))).toBe(0);
    expect(Buffer.compare(await get(again, DATABASE_FILE), pages(2, 5))).toBe(0);
  }
});

test("a commit that was not durable when the program was killed is made durable before the next one relies on it", async () => {
  let lost = 0;
  for (let seed = 0; seed < 60; seed += 1) {
    const { stage, slot } = await begun(seed, SMALL);
    // The flush never happens, but the program does not learn of it: it is killed on the way.
    const file = await slot.files.open(DATABASE_FILE);
    file.write(pages(2, 2), 0);
    stage.disk.decide = ({ kind }) => {
      if (kind === "flush") throw new RangeError("killed");
      return undefined;
    };
    expect(() => {
      file.flush();
    }).toThrow("killed");
    // The next life sees what was written, and commits on top; then power is lost.
    stage.disk.decide = () => undefined;
    const second = Container.open(stage.file, quickRandom(seed), SMALL).openSlot(0, keyOf(1));
    if (second === undefined) throw new Error("the slot does not open");
    const found = (await get(second, DATABASE_FILE))[0];
    const cutAt = stage.disk.operations + (seed % 5);
    stage.disk.decide = ({ number }) => (number === cutAt ? "power-cut" : undefined);
    await put(second, "a", pages(1, 9)).catch((error: unknown) => {
      expect(error).toEqual(IO);
    });
    stage.disk.crash("mixed");
    stage.file = await stage.disk.open("vault.bin");
    const third = Container.open(stage.file, quickRandom(seed), SMALL).openSlot(0, keyOf(1));
    if (third === undefined) throw new Error("the slot does not open");
    const bytes = await get(third, DATABASE_FILE);
    expect([1, 2]).toContain(bytes[0]);
    expect(Buffer.compare(bytes, pages(2, bytes[0] ?? 0))).toBe(0);
    if (found === 2 && bytes[0] === 1) lost += 1;
    if (await third.files.exists("a")) expect([0, BLOCK_BYTES]).toContain((await get(third, "a")).length);
  }
  // Some were cut before anything was durable; that is the loss of a commit that was never reported.
  expect(lost).toBeLessThan(60);
});

test("blocks of a commit whose root may be on the disk are not used again before another root is", async () => {
  for (let seed = 0; seed < 10; seed += 1) {
    const { stage, slot } = await begun(seed, { ...SIZES, chunkBytes: 900 * BLOCK_BYTES });
    const [file, other] = [await slot.files.open(DATABASE_FILE), await slot.files.open("a")];
    // So many blocks that the root is written after a flush of their own, and vouches for none of them.
    file.write(new Uint8Array(700 * BLOCK_BYTES).fill(2), 0);
    let flushes = 0;
    stage.disk.decide = ({ kind }) => {
      if (kind === "flush") flushes += 1;
      return kind === "flush" && flushes === 2 ? "io" : undefined;
    };
    expect(() => {
      file.flush();
    }).toThrow(IO);
    stage.disk.decide = () => undefined;
    other.write(new Uint8Array(SPILLED_BYTES).fill(7), 0);
    stage.disk.crash("keep");
    await stage.reopen("crash");
    const bytes = await get(stage.slot(0, keyOf(1)), DATABASE_FILE);
    const isNew = bytes.length === 700 * BLOCK_BYTES;
    expect(Buffer.compare(bytes, isNew ? new Uint8Array(bytes.length).fill(2) : pages(2, 1))).toBe(0);
  }
});

/** Has a commit refused by a flush that fails: programs see what was written, but the disk may never have it. */
async function refuse(stage: SlotStage, slot: Slot): Promise<void> {
  stage.disk.decide = ({ kind }) => (kind === "flush" ? "io" : undefined);
  await expect(put(slot, DATABASE_FILE, pages(2, 2))).rejects.toEqual(IO);
  stage.disk.decide = () => undefined;
}

test("a commit whose flush failed does not come back after a clean end", async () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const { stage } = await begun(seed, SMALL);
    await stage.reopen("close");
    const slot = stage.slot(0, keyOf(1));
    // The first commit after opening is one that a clean end has nothing to add to.
    (await slot.files.open("a")).close();
    await refuse(stage, slot);
    await stage.reopen("close");
    expect(Buffer.compare(await get(stage.slot(0, keyOf(1)), DATABASE_FILE), pages(2, 1))).toBe(0);
    await stage.reopen("crash");
    expect(Buffer.compare(await get(stage.slot(0, keyOf(1)), DATABASE_FILE), pages(2, 1))).toBe(0);
  }
});

test("the database is not damaged by a loss of power after a failed flush, a kill, a start and a commit", async () => {
  const found = new Set<number>();
  for (let seed = 0; seed < 40; seed += 1) {
    const { stage, slot } = await begun(seed, SMALL);
    await refuse(stage, slot);
    // The next life reads from the system's memory what the disk does not have, and builds on it.
    stage.container = Container.open(stage.file, quickRandom(seed), SMALL);
    const next = stage.slot(0, keyOf(1));
    const bytes = await get(next, DATABASE_FILE);
    found.add(bytes[0] ?? 0);
    for (const fill of [7, 8]) await put(next, "a", pages(1, fill));
    await stage.reopen("crash");
    const last = stage.slot(0, keyOf(1));
    expect(Buffer.compare(await get(last, DATABASE_FILE), bytes)).toBe(0);
    expect(Buffer.compare(await get(last, "a"), pages(1, 8))).toBe(0);
  }
  expect([...found]).toEqual([2]);
});

test("the database is not damaged by a kill before a flush, a start, and a loss of power at the first writes", async () => {
  for (let seed = 0; seed < 60; seed += 1) {
    const { stage, slot } = await begun(seed, SMALL);
    await put(slot, DATABASE_FILE, pages(9, 1));
    stage.disk.decide = ({ kind }) => {
      if (kind === "flush") throw new RangeError("killed");
      return undefined;
    };
    await expect(put(slot, DATABASE_FILE, pages(9, 2))).rejects.toThrow("killed");
    // For the root that is found, the blocks of the older one are free; but only the older one is on the disk.
    stage.container = Container.open(stage.file, quickRandom(seed), SMALL);
    const cutAt = stage.disk.operations + (seed % 4);
    stage.disk.decide = ({ number }) => (number === cutAt ? "power-cut" : undefined);
    await put(stage.slot(0, keyOf(1)), DATABASE_FILE, pages(9, 2)).catch((error: unknown) => {
      expect(error).toEqual(IO);
    });
    await stage.reopen("crash");
    const bytes = await get(stage.slot(0, keyOf(1)), DATABASE_FILE);
    expect(Buffer.compare(bytes, pages(9, bytes[0] === 2 ? 2 : 1))).toBe(0);
  }
});
