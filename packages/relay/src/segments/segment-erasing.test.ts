import { expect, test } from "vitest";
import { NEVER, SegmentFixture } from "../testing/segment-fixture.ts";
import { hashOf, logId } from "../testing/service-fixture.ts";

const SOON = 1000;
const MARKER = new TextEncoder().encode("MARKER-that-must-go");
const marked = (n: number): Uint8Array => Uint8Array.from([n, ...MARKER, ...new Uint8Array(200)]);
const plain = (n: number): Uint8Array => new Uint8Array(220).fill(n);

/** Entries in several segments, of which this share lives. */
async function filled(livingOf8: number): Promise<SegmentFixture> {
  const fixture = await SegmentFixture.open();
  await fixture.create(1);
  for (let n = 0; n < 64; n += 1) {
    if (n % 8 < livingOf8) await fixture.append(1, n, plain(n));
    else await fixture.append(1, n, marked(n), SOON);
  }
  return fixture;
}
const living = (livingOf8: number) =>
  Array.from({ length: 64 }, (_, n) => [n, n] as const).filter(([n]) => n % 8 < livingOf8);

test.for([7, 5, 2, 0])("what expired is in no file any more, with %i of 8 entries alive around it", async (share) => {
  const fixture = await filled(share);
  expect(fixture.filesWith(MARKER).length).toBeGreaterThan(2);
  await fixture.expire(SOON);
  expect(fixture.filesWith(MARKER)).toEqual([]);
  expect(await fixture.entries(1, SOON)).toEqual(living(share));
  fixture.crash();
  await fixture.reopen();
  expect(await fixture.entries(1, SOON)).toEqual(living(share));
});

test("segments in which nothing lives go, and the room with them", async () => {
  const fixture = await filled(0);
  const before = fixture.files.size();
  await fixture.expire(SOON);
  // The newest one stays: the journal goes on in it.
  expect([...fixture.files.contents().keys()].filter((name) => name.endsWith(".seg"))).toHaveLength(1);
  expect(fixture.files.size()).toBeLessThan(before / 3);
  expect(await fixture.append(1, 100, plain(1))).toBe(64);
});

test("segments that are mostly dead give back the room of the dead", async () => {
  const fixture = await filled(2);
  const before = fixture.files.size();
  await fixture.expire(SOON);
  expect(fixture.files.size()).toBeLessThan(before * 0.6);
});

test("a destroyed log's bodies are in no file any more, also when the relay stopped before it erased them", async () => {
  const fixture = await SegmentFixture.open();
  await fixture.create(1);
  await fixture.create(2);
  for (let n = 0; n < 40; n += 1) {
    await fixture.append(1, n, marked(n));
    await fixture.append(2, n, plain(n));
  }
  await fixture.store.destroy({ logId: logId(1), ownerHash: hashOf("owner") });
  fixture.crash("keep");
  expect(fixture.filesWith(MARKER).length).toBeGreaterThan(2);
  await fixture.reopen();
  await fixture.store.swept();
  expect(fixture.filesWith(MARKER)).toEqual([]);
  expect(await fixture.entries(2)).toHaveLength(40);
});

test("expired and erased entries make room in the quota, and leave gaps", async () => {
  const fixture = await filled(4);
  const before = await fixture.store.stats();
  await fixture.expire(SOON);
  expect(await fixture.store.stats()).toMatchObject({ logs: 1, entries: 32 });
  expect((await fixture.store.stats()).bytes).toBeLessThan(before.bytes * 0.51);
});

test("power cut at every single call while the dead are erased, dropped and copied: the living are there", async () => {
  let cuts = 0;
  for (let call = 0; ; call += 1) {
    const fixture = await filled(call % 3 === 0 ? 2 : 5);
    await fixture.store.swept();
    const first = fixture.files.operations;
    let met = false;
    fixture.files.decide = ({ number }) => {
      if (number < first + call) return undefined;
      met = true;
      return "power-cut";
    };
    await fixture.expire(SOON).catch(() => undefined);
    if (!met) break;
    cuts += 1;
    fixture.crash("any");
    await fixture.reopen();
    expect(await fixture.entries(1, SOON), `cut at call ${String(call)}`).toEqual(living(call % 3 === 0 ? 2 : 5));
    await fixture.expire(SOON);
    expect(fixture.filesWith(MARKER), `cut at call ${String(call)}`).toEqual([]);
  }
  expect(cuts).toBeGreaterThan(30);
});

test("who reads while segments are copied gets every entry, and no damage is reported", async () => {
  const fixture = await filled(3);
  const expected = living(3);
  const progress = { done: false };
  const erasing = fixture.expire(SOON).finally(() => {
    progress.done = true;
  });
  let pages = 0;
  while (!progress.done) {
    expect(await fixture.entries(1, SOON)).toEqual(expected);
    pages += 1;
    // The disk in memory answers without ever letting a timer or another turn come.
    await new Promise(setImmediate);
  }
  await erasing;
  expect(pages).toBeGreaterThan(3);
  expect(fixture.store.damaged).toBe(0);
});

test("an epoch long over is forgotten, and its entries that live longer still count", async () => {
  const fixture = await SegmentFixture.open();
  await fixture.create(1);
  const ids = { logId: logId(1), appendHash: hashOf("append"), body: plain(1) };
  await fixture.append(1, 1, plain(1), NEVER);
  const next = { nextReadHash: hashOf("read 1"), nextAppendHash: hashOf("append 1") };
  await fixture.store.commit({ ...ids, ...next, entryId: new Uint8Array(16).fill(9) as never, expiresAt: SOON });
  await fixture.expire(SOON + 100 * 24 * 3_600_000);
  expect(await fixture.read(1, SOON)).toEqual({ type: "unknown" });
  expect(await fixture.store.stats()).toMatchObject({ entries: 1 });
});

test("when the clock goes back over a restart, what was erased is not there, and the rest of its log is served", async () => {
  const fixture = await filled(7);
  await fixture.expire(SOON);
  fixture.crash("keep");
  await fixture.reopen();
  expect(await fixture.entries(1, SOON - 1)).toEqual(living(7));
  expect(fixture.store.damaged).toBe(0);
});
