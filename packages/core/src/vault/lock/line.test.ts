import { initCrypto } from "@stonechat/crypto";
import { toHex } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { newHead, openHead, padOf, sealHead, withPad } from "./head.ts";
import { toHeadKey } from "./keys.ts";
import { findHead, sealLine } from "./line.ts";
import {
  BOX_BYTES,
  boxOf,
  encodeLockArea,
  HEAD_BYTES,
  LINE_BYTES,
  LOCK_AREA_BYTES,
  parseLockArea,
  randomLockArea,
  withSlot,
} from "./lock-area.ts";

beforeAll(initCrypto);

const random = repeatableRandom("line");
const deviceSecret = random.bytes(32);
const unlockKey = random.bytes(32);
const releases = [1, 2, 3].map((index) => ({ index, secret: random.bytes(32) }));

function area(slot: number): ReturnType<typeof randomLockArea> {
  const { line, lineSecret } = sealLine(unlockKey, releases, 2, slot, random);
  const head = sealHead(
    newHead(random, random.bytes(32)),
    toHeadKey(lineSecret, unlockKey, deviceSecret),
    slot,
    random,
  );
  return withSlot(randomLockArea(random), slot, line, head);
}

test.each([0, 1, 2, 3])("any two of three releases find the head in slot %i, one or wrong ones do not", (slot) => {
  const own = area(slot);
  for (const out of [0, 1, 2]) {
    const two = releases.filter((_, at) => at !== out);
    expect(findHead(own, unlockKey, two, 2, deviceSecret)?.slot).toBe(slot);
    expect(findHead(own, unlockKey, two.slice(1), 2, deviceSecret)).toBeUndefined();
  }
  expect(findHead(own, unlockKey, releases, 2, deviceSecret)?.slot).toBe(slot);
  expect(findHead(own, unlockKey, [], 2, deviceSecret)).toBeUndefined();
  expect(findHead(own, random.bytes(32), releases, 2, deviceSecret)).toBeUndefined();
  expect(findHead(own, unlockKey, releases, 2, random.bytes(32))).toBeUndefined();
});

test("a release that a guard made up is ignored if enough others are true", () => {
  const own = area(1);
  const lied = releases.map((release, at) => (at === 0 ? { ...release, secret: random.bytes(32) } : release));
  expect(findHead(own, unlockKey, lied, 2, deviceSecret)?.slot).toBe(1);
});

test("who has the unlock key and makes up what guards would release finds nothing", () => {
  const own = area(1);
  const madeUp = releases.map(({ index }) => ({ index, secret: random.bytes(32) }));
  expect(findHead(own, unlockKey, madeUp, 2, deviceSecret)).toBeUndefined();
  const exchanged = releases.map(({ index }, at) => ({
    index,
    secret: releases[(at + 1) % 3]?.secret ?? deviceSecret,
  }));
  expect(findHead(own, unlockKey, exchanged, 2, deviceSecret)).toBeUndefined();
});

test("a line tells neither whether it is used nor for how many guards", () => {
  for (const guards of [1, 2, 3]) {
    const { line } = sealLine(unlockKey, releases.slice(0, guards), guards, 0, random);
    const boxes = [1, 2, 3, 4, 5].map((index) => boxOf(line, index));
    for (const box of boxes) expect(new Set(box).size).toBeGreaterThan(BOX_BYTES / 2);
    expect(new Set(boxes.map(toHex)).size).toBe(boxes.length);
  }
});

test("a line or head moved to another slot opens nothing", () => {
  const own = area(0);
  const moved = withSlot(
    randomLockArea(random),
    2,
    own.lines[0] ?? new Uint8Array(0),
    own.heads[0] ?? new Uint8Array(0),
  );
  expect(findHead(moved, unlockKey, releases, 2, deviceSecret)).toBeUndefined();
});

test("lines and heads come back out of a header, which holds nothing else but random bytes", () => {
  const own = area(3);
  const header = encodeLockArea(own, 32 * 1024, random);
  expect(parseLockArea(header)).toEqual(own);
  expect(own.lines.map(({ length }) => length)).toEqual([LINE_BYTES, LINE_BYTES, LINE_BYTES, LINE_BYTES]);
  expect(own.heads.map(({ length }) => length)).toEqual([HEAD_BYTES, HEAD_BYTES, HEAD_BYTES, HEAD_BYTES]);
  expect(() => parseLockArea(header.subarray(0, LOCK_AREA_BYTES - 1))).toThrow("truncated");
  expect(() => encodeLockArea(own, LOCK_AREA_BYTES - 1, random)).toThrow(RangeError);
});

test("a head is of one size whether it knows a decoy or not, and a flipped bit anywhere opens nothing", () => {
  const key = random.bytes(32);
  const bare = newHead(random, random.bytes(32));
  const duress = { slot: 2, input: random.bytes(32), unlockKey, lineSecret: random.bytes(32) };
  const full = { ...bare, duress, former: { unlockKey, until: 9 }, burntAt: 1_800_000_000_000 };
  for (const head of [bare, full]) {
    const sealed = sealHead(head, key, 1, random);
    expect(sealed).toHaveLength(HEAD_BYTES);
    expect(openHead(sealed, key, 1)).toEqual(head);
    for (let at = 0; at < sealed.length; at += 61) {
      const flipped = sealed.slice();
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(openHead(flipped, key, 1)).toBeUndefined();
    }
  }
});

test("a pad that is put in is the one that comes out, and no other changes", () => {
  const head = newHead(random, random.bytes(32));
  const pad = random.bytes(32);
  const changed = withPad(head, 3, 2, pad);
  expect(padOf(changed, 3, 2)).toEqual(pad);
  for (const [index, position] of [
    [3, 1],
    [3, 3],
    [2, 2],
    [4, 2],
  ] as const)
    expect(padOf(changed, index, position)).toEqual(padOf(head, index, position));
});
