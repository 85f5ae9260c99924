import { fc, test } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { systemRandom } from "./random.ts";
import { equalSecrets, wipe } from "./secrets.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);

test.prop([fc.uint8Array(), fc.uint8Array()])("secrets are equal exactly when their bytes are", (a, b) => {
  expect(equalSecrets(a, b)).toBe(Buffer.compare(a, b) === 0);
  expect(equalSecrets(a, Uint8Array.from(a))).toBe(true);
});

test("secrets of different lengths are different, also when one is empty", () => {
  expect(equalSecrets(new Uint8Array(0), new Uint8Array(1))).toBe(false);
  expect(equalSecrets(new Uint8Array(33), new Uint8Array(32))).toBe(false);
  expect(equalSecrets(new Uint8Array(0), new Uint8Array(0))).toBe(true);
});

test("a difference in any single bit is seen", () => {
  const secret = new Uint8Array(32).fill(0x5a);
  for (let bit = 0; bit < 256; bit += 1) {
    const other = Uint8Array.from(secret);
    other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(equalSecrets(secret, other)).toBe(false);
  }
});

test("wiping touches a view's own bytes and no others", () => {
  const bytes = new Uint8Array(8).fill(1);
  wipe(bytes.subarray(2, 5));
  expect([...bytes]).toEqual([1, 1, 0, 0, 0, 1, 1, 1]);
});

test("the system's randomness has the asked length and does not repeat", () => {
  const random = systemRandom();
  expect([0, 1, 32, 70_000].map((length) => random.bytes(length).length)).toEqual([0, 1, 32, 70_000]);
  // Several calls of the platform fill the long one: no part of it was left out.
  const long = random.bytes(200_000);
  for (let offset = 0; offset < long.length; offset += 32) {
    expect(long.subarray(offset, offset + 32).some((byte) => byte !== 0)).toBe(true);
  }
  const drawn = Array.from({ length: 100 }, () => Buffer.from(random.bytes(16)).toString("hex"));
  expect(new Set(drawn).size).toBe(100);
});
