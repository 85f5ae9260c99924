import fc from "fast-check";
import { expect, test } from "vitest";
import { Fingerprints } from "./fingerprint.ts";
import {
  bodyIsWhole,
  decodeSegmentHeader,
  encodeSegmentHeader,
  entryIdAt,
  nextHashesAt,
  readBatchHeader,
  readEntry,
  readState,
  recordBytes,
  regionOf,
  writeBatchHeader,
  writeEntry,
  writeState,
} from "./segment-format.ts";
import { decodeIndex, encodeIndex, SegmentIndex } from "./segment-index.ts";

const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const salts = fc.record({ mark: uint32, seed: uint32 });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const entries = fc.record({
  log: uint32,
  seq: fc.maxSafeNat().map((n) => n % 2 ** 46),
  expiresAt: fc.maxSafeNat(),
  entryId: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  body: fc.uint8Array({ maxLength: 300 }),
  nextHashes: fc.option(fc.tuple(hash, hash), { nil: undefined }),
});

test("an entry's record gives back what was written, anywhere, and no byte of it can change unnoticed", () => {
  fc.assert(
    fc.property(entries, salts, fc.nat({ max: 40 }), fc.nat(), (entry, salt, at, broken) => {
      const size = recordBytes(entry.body.length, entry.nextHashes !== undefined);
      const region = regionOf(new Uint8Array(at + size + 3));
      writeEntry(region, at, entry, salt);
      const record = readEntry(region, at, salt);
      const { log, seq, expiresAt } = entry;
      expect(record).toMatchObject({ log, seq, expiresAt, length: entry.body.length, state: "living" });
      if (record === undefined) return;
      expect(entryIdAt(region.bytes, at)).toEqual(entry.entryId);
      expect(region.bytes.slice(record.bodyAt, record.bodyAt + record.length)).toEqual(entry.body);
      if (entry.nextHashes !== undefined) expect(nextHashesAt(region.bytes, at)).toEqual(entry.nextHashes);
      expect(bodyIsWhole(region, record)).toBe(true);
      const index = at + (broken % size);
      region.bytes[index] = (region.bytes[index] ?? 0) ^ 0x40;
      const after = readEntry(region, at, salt);
      expect(after !== undefined && bodyIsWhole(region, after)).toBe(false);
    }),
  );
});

test("what one segment wrote is nothing in another", () => {
  fc.assert(
    fc.property(entries, salts, salts, (entry, salt, other) => {
      fc.pre(salt.seed !== other.seed);
      const region = regionOf(new Uint8Array(recordBytes(entry.body.length, entry.nextHashes !== undefined)));
      writeEntry(region, 0, entry, salt);
      expect(readEntry(region, 0, other)).toBeUndefined();
    }),
  );
});

test("headers and state records give back what was written, and nothing of what is cut off", () => {
  fc.assert(
    fc.property(salts, uint32, uint32, fc.uint8Array({ maxLength: 100 }), (salt, number, length, state) => {
      const header = encodeSegmentHeader(number, salt);
      expect(decodeSegmentHeader(header, number)).toEqual(salt);
      expect(decodeSegmentHeader(header, (number + 1) % 2 ** 32)).toBeUndefined();
      const batch = regionOf(new Uint8Array(16));
      writeBatchHeader(batch, salt, number, length);
      expect(readBatchHeader(batch, 0, salt)).toEqual({ number, length });
      const record = regionOf(new Uint8Array(12 + state.length));
      writeState(record, 0, { type: 3, log: number, state }, salt);
      expect(readState(record, 0, salt)).toEqual({ type: 3, log: number, state });
      for (let cut = 0; cut < record.bytes.length; cut += 7)
        expect(readState(regionOf(record.bytes.slice(0, cut)), 0, salt)).toBeUndefined();
    }),
  );
});

const indexed = fc.record({
  log: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
  seq: fc.maxSafeNat().map((n) => n % 2 ** 46),
  gap: fc.oneof(fc.nat({ max: 100 }), fc.integer({ min: 65_500, max: 200_000 })),
  length: fc.nat({ max: 1000 }),
  commit: fc.boolean(),
  expiresAt: fc.nat({ max: 2 ** 42 - 1 }),
  fingerprint: uint32,
  erased: fc.boolean(),
});

test("an index gives back its entries and where they are, and is refused when a bit is wrong or the file another", () => {
  fc.assert(
    fc.property(fc.array(indexed, { maxLength: 80 }), salts, fc.nat(), (list, salt, broken) => {
      const index = new SegmentIndex();
      let end = 32;
      const placed = list.map(({ gap, erased, log, ...rest }) => {
        const at = end + gap;
        end = at + recordBytes(rest.length, rest.commit);
        index.add({ ...rest, at, segment: 7 }, log, erased);
        return { ...rest, log, at, erased, end };
      });
      const segment = { number: 7, salt, end };
      const bytes = encodeIndex(segment, index);
      const again = decodeIndex(segment, bytes.slice());
      const found = [];
      let next = 32;
      for (let i = 0; i < (again?.count ?? 0); i += 1) {
        const item = again?.itemAt(i, next);
        next = item?.end ?? 0;
        if (item?.log !== 0) found.push(item);
      }
      expect(found).toEqual(placed);
      expect(decodeIndex({ ...segment, end: end + 1 }, bytes.slice())).toBeUndefined();
      bytes[broken % bytes.length] = (bytes[broken % bytes.length] ?? 0) ^ 1;
      expect(decodeIndex(segment, bytes.slice())).toBeUndefined();
    }),
  );
});

test("fingerprints are HalfSipHash-1-3 of the id: another key gives others", () => {
  const id = Uint8Array.from({ length: 16 }, (_, i) => i);
  const [one, two] = [new Fingerprints(Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7])), new Fingerprints(new Uint8Array(8))];
  expect(one.of(id)).toBe(halfSipHash13([0x03020100, 0x07060504], id));
  expect(two.of(id)).toBe(halfSipHash13([0, 0], id));
  expect(one.of(id)).not.toBe(two.of(id));
});

/** Straight from the description (Aumasson, Bernstein): one round a word, three at the end, 32 bits out. */
function halfSipHash13([k0, k1]: readonly [number, number], message: Uint8Array): number {
  let v: [number, number, number, number] = [k0, k1, 0x6c79_6765 ^ k0, 0x7465_6462 ^ k1];
  const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));
  const round = (): void => {
    let [a, b, c, d] = v;
    a = (a + b) | 0;
    b = rotate(b, 5) ^ a;
    a = rotate(a, 16);
    c = (c + d) | 0;
    d = rotate(d, 8) ^ c;
    a = (a + d) | 0;
    d = rotate(d, 7) ^ a;
    c = (c + b) | 0;
    b = rotate(b, 13) ^ c;
    c = rotate(c, 16);
    v = [a, b, c, d];
  };
  const view = new DataView(message.buffer);
  const words = [0, 4, 8, 12].map((at) => view.getUint32(at, true));
  for (const word of [...words, message.length << 24]) {
    v[3] ^= word;
    round();
    v[0] ^= word;
  }
  v[2] ^= 0xff;
  for (let i = 0; i < 3; i += 1) round();
  return (v[1] ^ v[3]) >>> 0;
}
