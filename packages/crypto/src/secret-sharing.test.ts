import { ristretto255 } from "@noble/curves/ed25519.js";
import { hex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect, test } from "vitest";
import { joinShares, splitScalar } from "./secret-sharing.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);

const random = repeatableRandom("sharing");

test.each([
  [2, 3],
  [3, 4],
  [3, 5],
])(
  "fewer than %i of %i shares say nothing: dealt again, every share of the same secret is another",
  (threshold, count) => {
    const { secret, shares } = splitScalar(undefined, threshold, count, random);
    const again = splitScalar(secret, threshold, count, random).shares;
    expect(hex(joinShares(again.slice(0, threshold)))).toBe(hex(secret));
    for (const [at, { value }] of again.entries()) expect(hex(value)).not.toBe(hex(shares[at]?.value ?? value));
    // Shares of both dealings: as if their holders had kept an old one.
    const mixed = [...shares.slice(0, 1), ...again.slice(1, threshold)];
    expect(hex(joinShares(mixed))).not.toBe(hex(secret));
    for (let fewer = 1; fewer < threshold; fewer += 1)
      expect(hex(joinShares(shares.slice(0, fewer)))).not.toBe(hex(secret));
  },
);

test("the coefficients are chosen one by one", () => {
  const { Fn } = ristretto255.Point;
  const { secret, shares } = splitScalar(undefined, 3, 3, random);
  const [one = 0n, two = 0n, three = 0n] = shares.map(({ value }) => Fn.fromBytes(value));
  const second = Fn.mul(Fn.add(Fn.sub(one, Fn.add(two, two)), three), Fn.inv(2n));
  const first = Fn.sub(Fn.sub(two, one), Fn.mul(3n, second));
  expect(Fn.create(Fn.fromBytes(secret) + first + second)).toBe(one);
  expect(new Set([Fn.fromBytes(secret), first, second, 0n, 1n]).size).toBe(5);
});
