import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { ml_kem768_x25519 as nobleXWing } from "@noble/post-quantum/hybrid.js";
import { shake256 } from "@noble/hashes/sha3.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { DecryptError, KeyError } from "./errors.ts";
import {
  kemDecapsulate,
  kemDeriveKeyPair,
  kemEncapsulate,
  kemEncapsulateWithSeed,
  kemKeyPair,
  kemKeyPairFromSeed,
} from "./kem.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);

interface Row {
  readonly seed: string;
  readonly encapsulationSeed: string;
  readonly sharedSecret: string;
  readonly publicKeyStart: string;
  readonly publicKeyEnd: string;
  readonly ciphertextStart: string;
  readonly ciphertextEnd: string;
}
const rows = JSON.parse(
  readFileSync(new URL("../../../vectors/xwing/xwing.json", import.meta.url), "utf8"),
) as readonly Row[];

test("there are three vectors", () => {
  expect(rows.length).toBe(3);
});

test.each(rows)("X-Wing gives the draft's vector with seed $seed", (row) => {
  const pair = kemKeyPairFromSeed(unhex(row.seed));
  const { ciphertext, secret } = kemEncapsulateWithSeed(pair.publicKey, unhex(row.encapsulationSeed));
  expect(hex(secret)).toBe(row.sharedSecret);
  expect(hex(kemDecapsulate(pair.privateKey, ciphertext))).toBe(row.sharedSecret);
  expect(hex(pair.privateKey)).toBe(row.seed);
  expect(hex(pair.publicKey).startsWith(row.publicKeyStart)).toBe(true);
  expect(hex(pair.publicKey).endsWith(row.publicKeyEnd)).toBe(true);
  expect(hex(ciphertext).startsWith(row.ciphertextStart)).toBe(true);
  expect(hex(ciphertext).endsWith(row.ciphertextEnd)).toBe(true);
});

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const encapsulationSeeds = fc.uint8Array({ minLength: 64, maxLength: 64 });

test.prop([seeds, encapsulationSeeds], { numRuns: 10 })("X-Wing agrees with noble", (seed, encapsulationSeed) => {
  const pair = kemKeyPairFromSeed(seed);
  const noble = nobleXWing.keygen(seed);
  expect(hex(pair.publicKey)).toBe(hex(noble.publicKey));
  const ours = kemEncapsulateWithSeed(pair.publicKey, encapsulationSeed);
  const theirs = nobleXWing.encapsulate(pair.publicKey, encapsulationSeed);
  expect(hex(ours.ciphertext)).toBe(hex(theirs.cipherText));
  expect(hex(ours.secret)).toBe(hex(theirs.sharedSecret));
  expect(hex(kemDecapsulate(pair.privateKey, theirs.cipherText))).toBe(hex(theirs.sharedSecret));
});

test.prop([fc.uint8Array({ minLength: 32, maxLength: 100 })], { numRuns: 20 })(
  "a derived key pair is that of SHAKE256 over the material",
  (material) => {
    expect(hex(kemDeriveKeyPair(material).privateKey)).toBe(hex(shake256(material, { dkLen: 32 })));
  },
);

test("key material of less than 32 bytes is our own mistake", () => {
  expect(() => kemDeriveKeyPair(new Uint8Array(31))).toThrow(RangeError);
  expect(() => kemKeyPairFromSeed(new Uint8Array(31))).toThrow(RangeError);
});

test("the same randomness makes the same keys and secrets, other randomness others", () => {
  const run = (seed: string): string => {
    const random = repeatableRandom(seed);
    return hex(kemEncapsulate(kemKeyPair(random).publicKey, random).secret);
  };
  expect(run("a")).toBe(run("a"));
  expect(run("a")).not.toBe(run("b"));
});

test("a forged ciphertext gives an unrelated secret, the same each time", () => {
  const pair = kemKeyPairFromSeed(new Uint8Array(32).fill(1));
  const { ciphertext, secret } = kemEncapsulateWithSeed(pair.publicKey, new Uint8Array(64).fill(2));
  const forged = Uint8Array.from(ciphertext);
  forged[0] = (forged[0] ?? 0) ^ 1;
  const unrelated = kemDecapsulate(pair.privateKey, forged);
  expect(hex(unrelated)).not.toBe(hex(secret));
  expect(hex(kemDecapsulate(pair.privateKey, forged))).toBe(hex(unrelated));
});

test.each([0, 1119, 1121])("a ciphertext of %i bytes is refused", (length) => {
  expect(() => kemDecapsulate(new Uint8Array(32), new Uint8Array(length))).toThrow(DecryptError);
});

test.each([0, 32, 1215, 1217])("a public key of %i bytes is refused", (length) => {
  expect(() => kemEncapsulate(new Uint8Array(length), repeatableRandom(1))).toThrow(KeyError);
});

test("a public key with an ML-KEM coefficient out of range is refused", () => {
  const publicKey = Uint8Array.from(kemKeyPairFromSeed(new Uint8Array(32)).publicKey);
  publicKey[0] = 0xff;
  publicKey[1] = 0xff;
  expect(() => kemEncapsulate(publicKey, repeatableRandom(1))).toThrow(KeyError);
});

test.each([0, 1])("a public key or ciphertext whose X25519 part is the point %i of small order is refused", (u) => {
  const pair = kemKeyPairFromSeed(new Uint8Array(32));
  const publicKey = Uint8Array.from(pair.publicKey).fill(0, 1184);
  publicKey[1184] = u;
  expect(() => kemEncapsulate(publicKey, repeatableRandom(1))).toThrow(KeyError);
  const ciphertext = kemEncapsulate(pair.publicKey, repeatableRandom(1)).ciphertext.fill(0, 1088);
  ciphertext[1088] = u;
  expect(() => kemDecapsulate(pair.privateKey, ciphertext)).toThrow(DecryptError);
});
