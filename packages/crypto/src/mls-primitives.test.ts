import { fc, test } from "@fast-check/vitest";
import { hex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { DecryptError } from "./errors.ts";
import { mlsPrimitives } from "./mls-primitives.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);
const suite = mlsPrimitives(repeatableRandom("suite"));
const bytes = fc.uint8Array({ maxLength: 64 });

test("two suites with the same randomness do the same", () => {
  const run = (): string => {
    const { kemGenerateKeyPair, hpkeSeal, signGenerateKeyPair, randomBytes } = mlsPrimitives(
      repeatableRandom("replay"),
    );
    const pair = kemGenerateKeyPair();
    const { kemOutput, ciphertext } = hpkeSeal(pair.publicKey, randomBytes(3), randomBytes(3), randomBytes(30));
    return [pair.publicKey, kemOutput, ciphertext, signGenerateKeyPair().publicKey].map(hex).join(" ");
  };
  expect(run()).toBe(run());
});

test("the sizes are those of the suite", () => {
  expect([suite.kdfBytes, suite.aeadKeyBytes, suite.aeadNonceBytes]).toEqual([64, 32, 12]);
  expect([suite.digest(new Uint8Array(0)).length, suite.kemGenerateKeyPair().publicKey.length]).toEqual([64, 1216]);
  expect(suite.signGenerateKeyPair().publicKey.length).toBe(32);
});

test.prop([bytes, bytes, bytes], { numRuns: 10 })("what is sealed to a key opens with it", (info, data, text) => {
  const pair = suite.kemGenerateKeyPair();
  const { kemOutput, ciphertext } = suite.hpkeSeal(pair.publicKey, info, data, text);
  expect(hex(suite.hpkeOpen(pair.privateKey, info, data, kemOutput, ciphertext))).toBe(hex(text));
  const other = suite.kemGenerateKeyPair();
  expect(() => suite.hpkeOpen(other.privateKey, info, data, kemOutput, ciphertext)).toThrow(DecryptError);
});

test.prop([bytes, bytes], { numRuns: 10 })("both ends of an export have the same secret", (info, context) => {
  const pair = suite.kemGenerateKeyPair();
  const { kemOutput, secret } = suite.hpkeExportSecret(pair.publicKey, info, context, 64);
  expect(hex(suite.hpkeImportSecret(pair.privateKey, info, context, kemOutput, 64))).toBe(hex(secret));
});

test.prop([bytes, bytes])("a MAC is verified by key, data and all of its bytes", (key, data) => {
  const mac = suite.mac(key, data);
  expect(suite.verifyMac(key, mac, data)).toBe(true);
  expect(suite.verifyMac(key, mac.subarray(1), data)).toBe(false);
  expect(
    suite.verifyMac(
      key,
      mac.map((byte, index) => (index === 63 ? byte ^ 1 : byte)),
      data,
    ),
  ).toBe(false);
  expect(suite.verifyMac(Uint8Array.of(...key, 1), mac, data)).toBe(false);
});

test("signing and verifying take their arguments in MLS's order", () => {
  const pair = suite.signGenerateKeyPair();
  const signature = suite.sign(pair.privateKey, Uint8Array.of(1));
  expect(suite.verify(pair.publicKey, Uint8Array.of(1), signature)).toBe(true);
  expect(suite.verify(pair.publicKey, Uint8Array.of(2), signature)).toBe(false);
});
