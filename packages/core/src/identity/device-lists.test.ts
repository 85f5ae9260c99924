import { fc, test } from "@fast-check/vitest";
import { initCrypto, sign, signKeyPairFromSeed } from "@stonechat/crypto";
import {
  deviceList,
  toHex,
  WireError,
  type DeviceKey,
  type DeviceList,
  type IdentityKey,
  type ListHead,
  type Signature,
  type SignedDeviceList,
} from "@stonechat/protocol";
import { beforeAll, expect } from "vitest";
import { parseInstant } from "../ports/clock.ts";
import {
  checkChain,
  compareBytes,
  DeviceListError,
  signNextList,
  toListHead,
  type CheckedList,
} from "./device-lists.ts";

const DAY_MS = 86_400_000;
const TODAY = 20_000;
const now = parseInstant(TODAY * DAY_MS + 1);
const unheld = (): undefined => undefined;

type Identity = { readonly publicKey: IdentityKey; readonly privateKey: Uint8Array };
let ada: Identity;
let eve: Identity;

beforeAll(async () => {
  await initCrypto();
  ada = signKeyPairFromSeed(new Uint8Array(32).fill(1)) as Identity;
  eve = signKeyPairFromSeed(new Uint8Array(32).fill(2)) as Identity;
});

const device = (n: number): DeviceKey => new Uint8Array(32).fill(n) as DeviceKey;

/** A chain of `sets.length` lists, one day apart at most. */
function chain(identity: Identity, sets: readonly (readonly number[])[]): readonly CheckedList[] {
  const lists: CheckedList[] = [];
  for (const set of sets) lists.push(signNextList(identity, set.map(device), lists.at(-1), now));
  return lists;
}

/** A list that its owner signs although it breaks a rule. */
function signed(list: DeviceList, identity = ada): SignedDeviceList {
  const bytes = deviceList.encode(list);
  return { list: bytes, signature: sign("device list", bytes, identity.privateKey) as Signature };
}

function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof DeviceListError || error instanceof WireError) return error.code;
    throw error;
  }
  return "accepted";
}

/** What is said to lists that come after the first one of `ada`. */
function afterFirst(change: Partial<DeviceList>, identity = ada): string {
  const [first] = chain(ada, [[1]]);
  if (first === undefined) throw new RangeError();
  const next = { ...signNextList(ada, [device(1)], first, now).list, ...change };
  return refusal(() => checkChain(ada.publicKey, first, [signed(next, identity)], unheld, now));
}

test("the next list is accepted", () => {
  expect(afterFirst({})).toBe("accepted");
});

test("a list of another identity is refused", () => {
  expect(afterFirst({ identityKey: eve.publicKey })).toBe("wrong-identity");
});

test("a list that another key signed is refused", () => {
  expect(afterFirst({}, eve)).toBe("bad-signature");
});

test("a list whose signature was made for another use is refused", () => {
  const [first] = chain(ada, [[1]]);
  const list = first?.signed.list ?? new Uint8Array(0);
  const other = { list, signature: sign("invite request", list, ada.privateKey) as Signature };
  expect(refusal(() => checkChain(ada.publicKey, undefined, [other], unheld, now))).toBe("bad-signature");
});

test("a list that skips a number is refused", () => {
  expect(afterFirst({ seq: 2 })).toBe("gap");
});

test("a chain that does not begin at its beginning is refused", () => {
  const [, second] = chain(ada, [[1], [1, 2]]);
  if (second === undefined) throw new RangeError();
  expect(refusal(() => checkChain(ada.publicKey, undefined, [second.signed], unheld, now))).toBe("gap");
});

test("a first list that names one before it is refused", () => {
  const list = { ...chain(ada, [[1]])[0]?.list, previous: new Uint8Array(32) as ListHead } as DeviceList;
  expect(refusal(() => checkChain(ada.publicKey, undefined, [signed(list)], unheld, now))).toBe("gap");
});

test("a list that continues another chain is a fork", () => {
  expect(afterFirst({ previous: new Uint8Array(32).fill(9) as ListHead })).toBe("fork");
  expect(afterFirst({ previous: undefined })).toBe("fork");
});

test("a second list with a number that we hold is a fork", () => {
  const [first, second] = chain(ada, [[1], [1, 2]]);
  const rival = signNextList(ada, [device(3)], first, now);
  const headAt = (seq: number): ListHead | undefined => (seq === 1 ? second?.head : first?.head);
  expect(refusal(() => checkChain(ada.publicKey, second, [rival.signed], headAt, now))).toBe("fork");
});

test("an old list that we do not hold is refused, since it cannot be compared", () => {
  const [first, second] = chain(ada, [[1], [1, 2]]);
  if (first === undefined) throw new RangeError();
  expect(refusal(() => checkChain(ada.publicKey, second, [first.signed], unheld, now))).toBe("gap");
});

test("lists that we hold are passed over", () => {
  const lists = chain(ada, [[1], [1, 2], [2]]);
  const headAt = (seq: number): ListHead | undefined => lists[seq]?.head;
  const fresh = checkChain(
    ada.publicKey,
    lists[1],
    lists.map((list) => list.signed),
    headAt,
    now,
  );
  expect(fresh.map(({ list }) => list.seq)).toEqual([2]);
});

test.each([
  ["in descending order", [2, 1]],
  ["twice the same", [1, 1]],
  ["none at all", []],
])("devices %s are refused", (_, devices) => {
  expect(afterFirst({ devices: devices.map(device) })).toBe("bad-order");
});

test("a list dated before the one before it is refused", () => {
  expect(afterFirst({ day: TODAY - 1 })).toBe("bad-day");
});

test("a list dated more than two days ahead is refused", () => {
  expect(afterFirst({ day: TODAY + 2 })).toBe("accepted");
  expect(afterFirst({ day: TODAY + 3 })).toBe("too-early");
});

const sets = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 10 }), {
  minLength: 1,
  maxLength: 6,
});

test.prop([sets, fc.nat()])("any chain of honest lists is accepted, whole and in two pieces", (devices, cut) => {
  const lists = chain(ada, devices);
  const all = lists.map((list) => list.signed);
  expect(checkChain(ada.publicKey, undefined, all, unheld, now)).toEqual(lists);
  const at = cut % lists.length;
  const before = checkChain(ada.publicKey, undefined, all.slice(0, at), unheld, now);
  expect([...before, ...checkChain(ada.publicKey, before.at(-1), all.slice(at), unheld, now)]).toEqual(lists);
});

test.prop([sets, fc.nat(), fc.nat(), fc.nat({ max: 7 }), fc.boolean()])(
  "any bit changed anywhere in a chain is refused",
  (devices, which, where, bit, inSignature) => {
    const all = chain(ada, devices).map((list) => list.signed);
    const at = which % all.length;
    const victim = all[at];
    if (victim === undefined) throw new RangeError();
    const flip = (bytes: Uint8Array): Uint8Array =>
      bytes.map((byte, i) => (i === where % bytes.length ? byte ^ (1 << bit) : byte));
    const changed = inSignature
      ? { ...victim, signature: flip(victim.signature) as Signature }
      : { ...victim, list: flip(victim.list) };
    expect(refusal(() => checkChain(ada.publicKey, undefined, all.with(at, changed), unheld, now))).not.toBe(
      "accepted",
    );
  },
);

test.prop([sets, fc.nat()])("a chain with a list left out, or two changed about, is refused", (devices, which) => {
  const lists = chain(ada, [...devices, [1], [2]]).map((list) => list.signed);
  const at = which % (lists.length - 1);
  const [here, next] = [lists[at], lists[at + 1]];
  if (here === undefined || next === undefined) throw new RangeError();
  expect(refusal(() => checkChain(ada.publicKey, undefined, lists.toSpliced(at, 1), unheld, now))).toBe("gap");
  const swapped = lists.with(at, next).with(at + 1, here);
  expect(refusal(() => checkChain(ada.publicKey, undefined, swapped, unheld, now))).toBe("gap");
});

test("a chain ends where a join request could not carry it any more", () => {
  const lists = chain(
    ada,
    Array.from({ length: 65 }, () => [1]),
  ).map((list) => list.signed);
  expect(checkChain(ada.publicKey, undefined, lists.slice(0, 64), unheld, now).length).toBe(64);
  expect(refusal(() => checkChain(ada.publicKey, undefined, lists, unheld, now))).toBe("too-long");
});

test("the head stands for the list and its signature", () => {
  const [first] = chain(ada, [[1]]);
  if (first === undefined) throw new RangeError();
  expect(toHex(toListHead(first.signed))).toBe(toHex(first.head));
  const other = { ...first.signed, signature: new Uint8Array(64) as Signature };
  expect(toHex(toListHead(other))).not.toBe(toHex(first.head));
});

test.prop([fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ minLength: 32, maxLength: 32 })])(
  "byte strings are ordered as their hex is",
  (a, b) => {
    expect(Math.sign(compareBytes(a, b))).toBe(toHex(a) < toHex(b) ? -1 : toHex(a) > toHex(b) ? 1 : 0);
  },
);
