import { initCrypto } from "@stonechat/crypto";
import { toHex, type RecordId } from "@stonechat/protocol";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { toBoxKey, toHeadKey, toRevocation, toSalt, toTag, toUnlockKey } from "./keys.ts";

beforeAll(initCrypto);

const random = repeatableRandom("keys");
const [one, two, other] = [random.bytes(32), random.bytes(32), random.bytes(32)];
const recordId = random.bytes(16) as RecordId;
const otherRecord = random.bytes(16) as RecordId;
const cost = { memoryKib: 65_536, passes: 3 };
const cheaper = { memoryKib: 19_456, passes: 3 };
const quicker = { memoryKib: 65_536, passes: 2 };

test.each<readonly [string, () => readonly Uint8Array[]]>([
  [
    "a salt is of its device, mode and cost",
    () => [
      toSalt(one, "pin", cost),
      toSalt(other, "pin", cost),
      toSalt(one, "passphrase", cost),
      toSalt(one, "pin", cheaper),
      toSalt(one, "pin", quicker),
    ],
  ],
  [
    "an unlock key is of its secret, device, mode and cost",
    () => [
      toUnlockKey(one, two, "pin", cost),
      toUnlockKey(other, two, "pin", cost),
      toUnlockKey(one, other, "pin", cost),
      toUnlockKey(one, two, "passphrase", cost),
      toUnlockKey(one, two, "pin", cheaper),
      toUnlockKey(one, two, "pin", quicker),
    ],
  ],
  [
    "a tag is of its unlock key, its guard's record and its generation",
    () => [
      toTag(one, recordId, 7),
      toTag(other, recordId, 7),
      toTag(one, otherRecord, 7),
      ...[0, 1, 6, 8, 7 + 2 ** 8, 7 + 2 ** 16, 7 + 2 ** 24].map((generation) => toTag(one, recordId, generation)),
    ],
  ],
  [
    "a box's key is of the unlock key, of what the guard released, and of the guard",
    () => [toBoxKey(one, two, 1), toBoxKey(other, two, 1), toBoxKey(one, other, 1), toBoxKey(one, two, 2)],
  ],
  [
    "a head's key is of the line's secret, the unlock key and the device",
    () => [
      toHeadKey(one, two, other),
      toHeadKey(other, two, other),
      toHeadKey(one, one, other),
      toHeadKey(one, two, two),
    ],
  ],
  ["a revocation is of its seed and guard", () => [toRevocation(one, 1), toRevocation(other, 1), toRevocation(one, 2)]],
])("%s", (_, derive) => {
  const keys = derive().map(toHex);
  expect(new Set(keys).size).toBe(keys.length);
  expect(derive().map(toHex)).toEqual(keys);
});
