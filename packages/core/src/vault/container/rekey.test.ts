import { initCrypto } from "@stonechat/crypto";
import { beforeAll, expect, test } from "vitest";
import { get, keyOf, put, SlotStage, SMALL } from "../../testing/slot-stage.ts";
import { BLOCK_BYTES, DATABASE_FILE, type Rekeying, type Slot } from "./index.ts";

beforeAll(initCrypto);

const [OLD, NEW, NEWER] = [keyOf(1), keyOf(2), keyOf(3)];
const DATABASE = Uint8Array.from({ length: 100 * BLOCK_BYTES + 9 }, (_, at) => at >> 8);
const ATTACHMENT = Uint8Array.from({ length: 3 * BLOCK_BYTES }, (_, at) => at);
const ROOTS = 2;

async function filled(seed = 1, sizes = SMALL): Promise<{ stage: SlotStage; slot: Slot }> {
  const stage = await SlotStage.create(seed, sizes);
  const slot = stage.container.formatSlot(0, OLD);
  await put(slot, DATABASE_FILE, DATABASE);
  await put(slot, "a", ATTACHMENT);
  return { stage, slot };
}

async function expectWhole(slot: Slot): Promise<void> {
  expect(Buffer.compare(await get(slot, DATABASE_FILE), DATABASE)).toBe(0);
  expect(Buffer.compare(await get(slot, "a"), ATTACHMENT)).toBe(0);
}

test("after a re-keying only the new key opens the slot, with the same files, and work goes on", async () => {
  const { stage, slot } = await filled();
  const file = await slot.files.open(DATABASE_FILE);
  slot.rekey(NEW).commit();
  file.write(Uint8Array.of(1, 2, 3), 0);
  file.flush();
  file.write(DATABASE.subarray(0, 3), 0);
  file.flush();
  file.close();
  await expectWhole(slot);
  await stage.reopen("crash");
  expect(stage.container.openSlot(0, OLD)).toBeUndefined();
  await expectWhole(stage.slot(0, NEW));
});

test("until it is committed both keys open the slot, each its own state; the one used first puts an end to the other", async () => {
  for (const [used, other] of [
    [OLD, NEW],
    [NEW, OLD],
  ] as const) {
    const { stage, slot } = await filled();
    slot.rekey(NEW);
    await stage.reopen("crash");
    await expectWhole(stage.slot(0, used));
    await stage.reopen("crash");
    expect(stage.container.openSlot(0, other)).toBeUndefined();
    await expectWhole(stage.slot(0, used));
  }
});

test("an abandoned re-keying leaves the old key alone, and its space", async () => {
  const { stage, slot } = await filled();
  const live = slot.liveBytes;
  const rekeying = slot.rekey(NEW);
  expect(slot.liveBytes).toBeGreaterThan(live + DATABASE.length);
  rekeying.abandon();
  expect(slot.liveBytes).toBe(live);
  expect(() => {
    rekeying.commit();
  }).toThrow(RangeError);
  await put(slot, "b", ATTACHMENT);
  await stage.reopen("crash");
  expect(stage.container.openSlot(0, NEW)).toBeUndefined();
  await expectWhole(stage.slot(0, OLD));
});

test("no file is written while a slot is re-keyed, and none with unflushed writes is left behind", async () => {
  const { slot } = await filled();
  const file = await slot.files.open(DATABASE_FILE);
  file.write(Uint8Array.of(1), 0);
  expect(() => slot.rekey(NEW)).toThrow(RangeError);
  file.flush();
  file.write(Uint8Array.of(0), 0);
  file.flush();
  const rekeying = slot.rekey(NEW);
  expect(() => slot.rekey(NEWER)).toThrow(RangeError);
  await expect(slot.files.open("new")).rejects.toThrow(RangeError);
  rekeying.commit();
  await put(slot, "new", ATTACHMENT);
});

test("attachments are not encrypted anew: their blocks stay where and as they are", async () => {
  const { stage, slot } = await filled(1, { ...SMALL, chunkBytes: 1024 * BLOCK_BYTES });
  await put(slot, "large", new Uint8Array(200 * BLOCK_BYTES).fill(1));
  const written = stage.disk.bytesWritten;
  slot.rekey(NEW).commit();
  expect(stage.disk.bytesWritten - written).toBeLessThan(115 * BLOCK_BYTES);
  expect((await get(slot, "large")).length).toBe(200 * BLOCK_BYTES);
});

test("an image from before the re-keying together with the new key, or one from after it with the old key, opens nothing", async () => {
  const { stage, slot } = await filled();
  const before = stage.bytes;
  slot.rekey(NEW).commit();
  await stage.reopen();
  expect(stage.container.openSlot(0, OLD)).toBeUndefined();
  stage.file.write(before, 0);
  expect(stage.container.openSlot(0, NEW)).toBeUndefined();
});

test("power lost at any change leaves a slot that the old key or the new one opens, with everything in it", async () => {
  const opened = new Set<string>();
  const total = await operationsOf();
  for (let cutAt = 0; cutAt <= total; cutAt += 1) {
    for (let seed = 0; seed < 2; seed += 1) {
      const { stage, slot } = await filled(seed * 1000 + cutAt);
      const from = stage.disk.operations;
      stage.disk.decide = ({ number }) => (number === from + cutAt ? "power-cut" : undefined);
      let prepared = false;
      try {
        const rekeying = slot.rekey(NEW);
        prepared = true;
        rekeying.commit();
      } catch (error) {
        expect(error).toMatchObject({ name: "StorageError", code: "io" });
      }
      await stage.reopen("crash");
      // A vault opens with the key that its head holds: the new one at the earliest when the new state is prepared.
      const byNew = stage.container.openSlot(0, NEW);
      if (prepared) expect(byNew).toBeDefined();
      const found = byNew ?? stage.slot(0, OLD);
      await expectWhole(found);
      opened.add(byNew === undefined ? "old" : "new");
    }
  }
  expect(opened).toEqual(new Set(["old", "new"]));
});

test("power lost before the new state is prepared leaves what the old key opens", async () => {
  const total = await operationsOf();
  for (let cutAt = 0; cutAt <= total; cutAt += 1) {
    const { stage, slot } = await filled(cutAt);
    const from = stage.disk.operations;
    stage.disk.decide = ({ number }) => (number === from + cutAt ? "power-cut" : undefined);
    try {
      slot.rekey(NEW);
    } catch (error) {
      expect(error).toMatchObject({ name: "StorageError", code: "io" });
    }
    await stage.reopen("crash");
    await expectWhole(stage.slot(0, OLD));
  }
});

test("a disk that is full or fails refuses the re-keying, and the old state goes on; a refused commit can be asked for again", async () => {
  const total = await operationsOf();
  for (const fault of ["full", "io"] as const) {
    for (let failAt = 0; failAt < total; failAt += 1) {
      const { stage, slot } = await filled(failAt);
      const from = stage.disk.operations;
      stage.disk.decide = ({ number }) => (number === from + failAt ? fault : undefined);
      let rekeying: Rekeying | undefined;
      try {
        rekeying = slot.rekey(NEW);
        rekeying.commit();
      } catch (error) {
        expect(error).toMatchObject({ name: "StorageError", code: fault });
        rekeying?.commit();
      }
      const [opens, opensNothing] = rekeying === undefined ? [OLD, NEW] : [NEW, OLD];
      await put(slot, "b", ATTACHMENT);
      await expectWhole(slot);
      await stage.reopen("crash");
      expect(stage.container.openSlot(0, opensNothing)).toBeUndefined();
      await expectWhole(stage.slot(0, opens));
    }
  }
});

test("a page that is damaged stays damaged, and does not keep the others from being encrypted anew", async () => {
  const { stage, slot } = await filled();
  slot.close();
  for (const at of [...stage.blocksOf(0)].slice(ROOTS)) {
    stage.flip(at);
    const damaged = stage.slot(0, OLD);
    const lost = await lostPages(damaged);
    if (lost.length > 0) {
      damaged.rekey(NEW).commit();
      expect(await lostPages(damaged)).toEqual(lost);
      damaged.close();
      const again = stage.slot(0, NEW);
      expect(await lostPages(again)).toEqual(lost);
      again.rekey(OLD).commit();
      again.close();
      return;
    }
    damaged.close();
    stage.flip(at);
  }
  expect.unreachable();
});

/** How many changes of the disk a whole re-keying takes. */
async function operationsOf(): Promise<number> {
  const { stage, slot } = await filled();
  const from = stage.disk.operations;
  slot.rekey(NEW).commit();
  return stage.disk.operations - from;
}

async function lostPages(slot: Slot): Promise<number[]> {
  const file = await slot.files.open(DATABASE_FILE);
  const lost: number[] = [];
  for (let index = 0; index * BLOCK_BYTES < file.size(); index += 1) {
    try {
      file.read(new Uint8Array(BLOCK_BYTES), index * BLOCK_BYTES);
    } catch (error) {
      expect(error).toMatchObject({ code: "corrupt" });
      lost.push(index);
    }
  }
  file.close();
  return lost;
}
