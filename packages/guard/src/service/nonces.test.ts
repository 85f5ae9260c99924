import { fc, test } from "@fast-check/vitest";
import { initCrypto } from "@stonechat/crypto/guard";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { NONCE_LIFETIME_MS, Nonces } from "./nonces.ts";

beforeAll(initCrypto);
const MANY = 1000;

test("a nonce is used once, by the one guard that gave it", () => {
  const random = repeatableRandom("nonces");
  const nonces = new Nonces(random, MANY);
  const other = new Nonces(random, MANY);
  const nonce = nonces.issue(5);
  expect(other.use(nonce, 5)).toBe("stale");
  expect(nonces.use(nonce, 5)).toBe("fresh");
  expect(nonces.use(nonce, 5)).toBe("stale");
});

test("each bit of a nonce counts", () => {
  const nonces = new Nonces(repeatableRandom("bits"), MANY);
  const nonce = nonces.issue(5);
  for (let bit = 0; bit < nonce.length * 8; bit += 1) {
    const flipped = nonce.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
    expect(nonces.use(flipped, 5)).toBe("stale");
  }
});

test("who uses more than can be remembered is told to wait, and those remembered stay used", () => {
  const nonces = new Nonces(repeatableRandom("full"), 3);
  const used = [1, 2, 3].map((time) => nonces.issue(time));
  for (const nonce of used) expect(nonces.use(nonce, 4)).toBe("fresh");
  expect(nonces.use(nonces.issue(4), 4)).toBe("busy");
  for (const nonce of used) expect(nonces.use(nonce, 4)).toBe("stale");
  expect(nonces.use(nonces.issue(3 * NONCE_LIFETIME_MS), 3 * NONCE_LIFETIME_MS)).toBe("fresh");
});

const uses = fc.array(fc.record({ wait: fc.nat({ max: NONCE_LIFETIME_MS }), which: fc.nat({ max: 40 }) }), {
  maxLength: 60,
  size: "max",
});
test.prop([uses], { numRuns: 200 })("over any time, no nonce is fresh twice or after its lifetime", (history) => {
  const nonces = new Nonces(repeatableRandom("history"), MANY);
  const given: { readonly nonce: Uint8Array; readonly at: number; used: boolean }[] = [];
  let now = 0;
  for (const { wait, which } of history) {
    given.push({ nonce: nonces.issue(now), at: now, used: false });
    now += wait;
    const one = given[which % given.length];
    if (one === undefined) continue;
    const fresh = !one.used && now - one.at < NONCE_LIFETIME_MS;
    expect(nonces.use(one.nonce, now)).toBe(fresh ? "fresh" : "stale");
    one.used = true;
  }
});
