import { fc, test } from "@fast-check/vitest";
import { sha256 as nobleSha256, sha512 as nobleSha512 } from "@noble/hashes/sha2.js";
import { hex } from "@stonechat/testkit/hex";
import { beforeAll, expect } from "vitest";
import { createSha256, sha256, sha512 } from "./hash.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);
const abc = new TextEncoder().encode("abc");
/** Longer than the arena that short calls share. */
const LONG = 100_000;
const messages = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc
    .tuple(fc.constantFrom(65_536, 81_888, 81_889, LONG), fc.nat({ max: 255 }))
    .map(([n, fill]) => new Uint8Array(n).fill(fill)),
);

test("SHA-256 of the empty string and of abc are those of FIPS 180-4", () => {
  expect(hex(sha256(new Uint8Array(0)))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  expect(hex(sha256(abc))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
});

test("SHA-512 of abc is that of FIPS 180-4", () => {
  expect(hex(sha512(abc))).toBe(
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  );
});

test.prop([messages])("both hashes agree with noble", (message) => {
  expect(hex(sha256(message))).toBe(hex(nobleSha256(message)));
  expect(hex(sha512(message))).toBe(hex(nobleSha512(message)));
});

test.prop([fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 8 })])(
  "pieces hash to what the whole hashes to",
  (pieces) => {
    const hash = createSha256();
    for (const piece of pieces) hash.update(piece);
    expect(hex(hash.digest())).toBe(hex(sha256(new Uint8Array(Buffer.concat(pieces)))));
  },
);

test("two hashes in progress do not disturb each other", () => {
  const one = createSha256();
  const other = createSha256();
  one.update(Uint8Array.of(1));
  other.update(Uint8Array.of(2));
  expect(hex(one.digest())).toBe(hex(sha256(Uint8Array.of(1))));
  expect(hex(other.digest())).toBe(hex(sha256(Uint8Array.of(2))));
});

test("a hash cannot be used after its digest was taken", () => {
  const hash = createSha256();
  hash.digest();
  expect(() => hash.digest()).toThrow(RangeError);
  expect(() => {
    hash.update(abc);
  }).toThrow(RangeError);
});
