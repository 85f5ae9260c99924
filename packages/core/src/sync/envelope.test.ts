import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto";
import type { EntryKind, LogId } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { openEntry, sealEntry } from "./envelope.ts";

beforeAll(initCrypto);

const key = new Uint8Array(32).fill(7);
const logId = new Uint8Array(32).fill(8) as LogId;
const random = repeatableRandom("envelope");
const kinds = fc.constantFrom<EntryKind>("message", "commit");
const seal = (message: Uint8Array, kind: EntryKind = "message"): Uint8Array =>
  sealEntry(key, logId, kind, message, random);

test.prop([fc.uint8Array({ maxLength: 2000 }), kinds])("what was sealed comes out", (message, kind) => {
  expect(openEntry(key, logId, kind, seal(message, kind))).toEqual(message);
});

test("5,000 messages of all lengths have only lengths of 256·2^k", () => {
  const sizes = new Set<number>();
  for (let length = 0; length < 5000; length += 1) {
    const { length: sealed } = seal(new Uint8Array(length));
    expect(sealed).toBeGreaterThanOrEqual(length);
    sizes.add(sealed);
  }
  expect([...sizes]).toEqual([256, 512, 1024, 2048, 4096, 8192]);
});

test("one byte and 200 bytes look alike", () => {
  expect(seal(new Uint8Array(1)).length).toBe(seal(new Uint8Array(200)).length);
});

test("the length says nothing of what is inside: sealing does not compress", () => {
  expect(seal(new Uint8Array(3000)).length).toBe(seal(random.bytes(3000)).length);
});

test("a message as large as a commit may be is sealed and opened", () => {
  const message = new Uint8Array(400_000).fill(5);
  expect(openEntry(key, logId, "commit", seal(message, "commit"))).toEqual(message);
});

test.prop([fc.uint8Array({ maxLength: 300 }), fc.nat(), fc.nat({ max: 7 })])(
  "any bit changed makes it unreadable",
  (message, at, bit) => {
    const sealed = seal(message);
    const place = at % sealed.length;
    sealed[place] = (sealed[place] ?? 0) ^ (1 << bit);
    expect(openEntry(key, logId, "message", sealed)).toBeUndefined();
  },
);

test.prop([fc.uint8Array({ maxLength: 300 }), fc.nat()])("no prefix of it is readable", (message, at) => {
  const sealed = seal(message);
  expect(openEntry(key, logId, "message", sealed.subarray(0, at % sealed.length))).toBeUndefined();
});

test("it is unreadable in another log, as another kind, and with another epoch's key", () => {
  const sealed = seal(Uint8Array.of(1, 2, 3));
  expect(openEntry(key, new Uint8Array(32) as LogId, "message", sealed)).toBeUndefined();
  expect(openEntry(key, logId, "commit", sealed)).toBeUndefined();
  expect(openEntry(new Uint8Array(32), logId, "message", sealed)).toBeUndefined();
  expect(openEntry(key, logId, "message", sealed)).toEqual(Uint8Array.of(1, 2, 3));
});

test.prop([fc.uint8Array({ maxLength: 600 })])("noise is unreadable", (noise) => {
  expect(openEntry(key, logId, "message", noise)).toBeUndefined();
});

test("two sealings of one message have nothing in common", () => {
  const [a, b] = [seal(Uint8Array.of(1)), seal(Uint8Array.of(1))];
  expect(a.subarray(1, 25)).not.toEqual(b.subarray(1, 25));
  expect(a.subarray(25)).not.toEqual(b.subarray(25));
});
