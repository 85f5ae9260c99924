import fc from "fast-check";
import { expect, test } from "vitest";
import { SegmentFixture } from "../testing/segment-fixture.ts";
import { DamagedEntryError, DamagedSegmentError } from "./segment-errors.ts";
import { segmentName } from "./segment-names.ts";

const body = (n: number): Uint8Array => new Uint8Array(200).fill(n);
const COUNT = 40;

/** Two logs over several segments, closed in good order. */
async function closed(seed = 1): Promise<SegmentFixture> {
  const fixture = await SegmentFixture.open(seed);
  await fixture.create(1);
  await fixture.create(2);
  for (let n = 0; n < COUNT; n += 1) await fixture.append(1 + (n % 2), n, body(n));
  await fixture.store.close();
  return fixture;
}
const expected = (log: number) => Array.from({ length: COUNT / 2 }, (_, seq) => [seq, seq * 2 + log - 1] as const);

const sizeOf = (fixture: SegmentFixture, name: string): number => fixture.files.contents().get(name)?.length ?? 0;

test("an index that is damaged, missing or another file's is made again from its segment", async () => {
  const fixture = await closed();
  fixture.files.flip("0000000001.idx", 200, 3);
  await fixture.files.remove("0000000002.idx");
  await fixture.reopen();
  for (const log of [1, 2]) expect(await fixture.entries(log)).toEqual(expected(log));
  await fixture.store.close();
  expect(sizeOf(fixture, "0000000002.idx")).toBeGreaterThan(0);
});

test("a body that is damaged is never served; its reader is told, and other logs go on", async () => {
  const fixture = await closed();
  // Into the second entry's body: it belongs to log 2.
  const at = Buffer.from(fixture.files.contents().get(segmentName(1)) ?? []).indexOf(body(1));
  fixture.files.flip(segmentName(1), at + 50, 0);
  await fixture.reopen();
  expect(await fixture.entries(1)).toEqual(expected(1));
  await expect(fixture.read(2)).rejects.toBeInstanceOf(DamagedEntryError);
  expect(fixture.store.damaged).toBe(1);
  expect(await fixture.append(2, 200, body(9))).toBe(COUNT / 2);
});

test("what stands before a damaged entry is served, and then the reader is told", async () => {
  const fixture = await closed();
  // Into the third entry's body of log 1.
  const at = Buffer.from(fixture.files.contents().get(segmentName(1)) ?? []).indexOf(body(4));
  fixture.files.flip(segmentName(1), at + 50, 0);
  await fixture.reopen();
  expect(await fixture.read(1)).toMatchObject({ type: "page", next: 2, end: COUNT / 2, endOfEpoch: false });
  expect(await fixture.entries(1)).toEqual(expected(1).slice(0, 2));
  expect(fixture.store.damaged).toBe(0);
  await expect(fixture.read(1, 0, 2)).rejects.toBeInstanceOf(DamagedEntryError);
  expect(fixture.store.damaged).toBe(1);
  expect(await fixture.read(1, 0, 3)).toMatchObject({ type: "page", next: COUNT / 2 });
  expect(await fixture.entries(2)).toEqual(expected(2));
});

test("damage amid what was acknowledged stops the start and names the file; it is not taken for a torn tail", async () => {
  const fixture = await closed();
  const newest =
    [...fixture.files.contents().keys()]
      .filter((name) => name.endsWith(".seg"))
      .sort()
      .at(-1) ?? "";
  fixture.files.flip(newest, 40, 5);
  await expect(fixture.reopen()).rejects.toMatchObject({ name: "DamagedSegmentError", file: newest });
});

test("a segment that is gone stops the start", async () => {
  const fixture = await closed();
  await fixture.files.remove(segmentName(2));
  await expect(fixture.reopen()).rejects.toBeInstanceOf(DamagedSegmentError);
});

test("a segment that lost its end stops the start, the newest one too", async () => {
  for (const which of [1, -1]) {
    const fixture = await closed();
    const names = [...fixture.files.contents().keys()].filter((name) => name.endsWith(".seg")).sort();
    const name = names.at(which) ?? "";
    await fixture.files.remove(name.replace(".seg", ".idx")).catch(() => undefined);
    const file = await fixture.files.open(name);
    await file.truncate((await file.size()) - 10);
    await expect(fixture.reopen()).rejects.toMatchObject({ name: "DamagedSegmentError", file: name });
  }
});

/** Reads all pages of a log. */
async function expectWholeOrUpToDamage(fixture: SegmentFixture, log: number): Promise<void> {
  for (let from = 0; from < COUNT / 2;) {
    const page = await fixture.read(log, 0, from);
    if (page.type !== "page") throw new Error(page.type);
    const seen = page.entries.map(({ seq, body: [first] }) => [seq, first] as const);
    expect(seen).toEqual(expected(log).slice(from, page.next));
    from = page.next;
  }
}

test("whichever bit is turned: the start refuses, or every answer is right or refused", async () => {
  let refused = 0;
  let damaged = 0;
  const one = fc.record({ file: fc.nat(), at: fc.nat(), bit: fc.nat({ max: 7 }) });
  const property = fc.asyncProperty(one, async ({ file, at, bit }) => {
    const fixture = await closed();
    const all = [...fixture.files.contents()];
    const [name, bytes] = all[file % all.length] ?? ["", new Uint8Array(1)];
    fixture.files.flip(name, at % bytes.length, bit);
    try {
      await fixture.reopen();
      for (const log of [1, 2]) {
        try {
          await expectWholeOrUpToDamage(fixture, log);
        } catch (error) {
          if (!(error instanceof DamagedEntryError)) throw error;
          damaged += 1;
        }
      }
    } catch (error) {
      if (!(error instanceof DamagedSegmentError)) throw error;
      refused += 1;
    }
  });
  await fc.assert(property, { numRuns: 300 });
  expect(refused).toBeGreaterThan(10);
  expect(damaged).toBeGreaterThan(10);
}, 60_000);

test("however long no checkpoint is saved, a start finds everything", async () => {
  const fixture = await SegmentFixture.open();
  fixture.state.beforeSave = () => Promise.withResolvers<never>().promise;
  await fixture.create(1);
  await fixture.create(2);
  for (let n = 0; n < COUNT; n += 1) await fixture.append(1 + (n % 2), n, body(n));
  fixture.crash("drop");
  fixture.state.beforeSave = () => Promise.resolve();
  await fixture.reopen();
  for (const log of [1, 2]) expect(await fixture.entries(log)).toEqual(expected(log));
  expect(await fixture.append(1, 100, body(1))).toBe(COUNT / 2);
});

test("a repeat is known by its id after a restart, whoever else has its fingerprint", async () => {
  const fixture = await closed();
  await fixture.reopen();
  expect(await fixture.append(1, 10, body(99))).toBe(5);
  expect(await fixture.append(1, 10, body(99))).toBe(5);
  expect(await fixture.append(1, 150, body(150))).toBe(COUNT / 2);
});
