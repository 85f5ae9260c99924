import { createHash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { ed25519 } from "@noble/curves/ed25519.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { beforeAll, describe, expect } from "vitest";
import { labelled, type FramedLabel } from "./labels.ts";
import { ed25519Sign, ed25519Verify, sign, signKeyPairFromSeed, verify } from "./signature.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);
const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const messages = fc.uint8Array({ maxLength: 300 });

test.each([
  [
    "1",
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
  ],
  [
    "2",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
  ],
  [
    "3",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
  ],
])("Ed25519 gives test %s of RFC 8032 §7.1", (_test, seed, publicKey, message, signature) => {
  const pair = signKeyPairFromSeed(unhex(seed));
  expect(hex(pair.publicKey)).toBe(publicKey);
  expect(hex(ed25519Sign(unhex(message), pair.privateKey))).toBe(signature);
  expect(ed25519Verify(unhex(message), unhex(signature), pair.publicKey)).toBe(true);
});

test.prop([seeds, messages], { numRuns: 40 })("Ed25519 agrees with noble", (seed, message) => {
  const pair = signKeyPairFromSeed(seed);
  const signature = ed25519Sign(message, pair.privateKey);
  expect(hex(pair.publicKey)).toBe(hex(ed25519.getPublicKey(seed)));
  expect(hex(signature)).toBe(hex(ed25519.sign(message, seed)));
  expect(ed25519Verify(message, signature, pair.publicKey)).toBe(true);
});

test("a message longer than the shared arena is signed and verified like a short one", () => {
  const message = new Uint8Array(200_000).fill(9);
  const seed = new Uint8Array(32).fill(4);
  const pair = signKeyPairFromSeed(seed);
  const signature = ed25519Sign(message, pair.privateKey);
  expect(hex(signature)).toBe(hex(ed25519.sign(message, seed)));
  expect(ed25519Verify(message, signature, pair.publicKey)).toBe(true);
});

test("a signature under one label is worth nothing under another, nor over the bare message", () => {
  const pair = signKeyPairFromSeed(new Uint8Array(32).fill(1));
  const message = Uint8Array.of(1, 2, 3);
  const labels: readonly FramedLabel[] = ["device list", "link", "invite proof"];
  const signature = sign("device list", message, pair.privateKey);
  expect(labels.map((label) => verify(label, message, signature, pair.publicKey))).toEqual([true, false, false]);
  expect(ed25519Verify(message, signature, pair.publicKey)).toBe(false);
  expect(ed25519Verify(labelled("device list", message), signature, pair.publicKey)).toBe(true);
});

test("any flipped bit of signature, key or message makes a signature worthless", () => {
  const pair = signKeyPairFromSeed(new Uint8Array(32).fill(2));
  const message = Uint8Array.of(1, 2, 3);
  const signature = ed25519Sign(message, pair.privateKey);
  const flip = (bytes: Uint8Array, bit: number): Uint8Array =>
    bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
  for (let bit = 0; bit < 512; bit += 1)
    expect(ed25519Verify(message, flip(signature, bit), pair.publicKey)).toBe(false);
  for (let bit = 0; bit < 256; bit += 1)
    expect(ed25519Verify(message, signature, flip(pair.publicKey, bit))).toBe(false);
  for (let bit = 0; bit < 24; bit += 1)
    expect(ed25519Verify(flip(message, bit), signature, pair.publicKey)).toBe(false);
});

test("a private key of another length is our own mistake", () => {
  expect(() => ed25519Sign(new Uint8Array(0), new Uint8Array(32))).toThrow(RangeError);
  expect(() => signKeyPairFromSeed(new Uint8Array(64))).toThrow(RangeError);
});

/** The verdicts that {@link ed25519Verify} documents. Implementations disagree on these inputs; we refuse them all. */
describe("odd Ed25519 input", () => {
  const ORDER = ed25519.Point.Fn.ORDER;
  const message = Uint8Array.of(1, 2, 3);
  const secret = 1234567890123456789012345678901234567890n;
  const nonce = 998877665544332211n;
  const publicPoint = ed25519.Point.BASE.multiply(secret);
  const noncePoint = ed25519.Point.BASE.multiply(nonce);
  const torsion = ed25519.Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");

  const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${hex(bytes.toReversed())}`);
  const toBytes = (value: bigint): Uint8Array => unhex(value.toString(16).padStart(64, "0")).toReversed();
  const challenge = (r: Uint8Array, key: Uint8Array, text: Uint8Array): bigint =>
    toNumber(createHash("sha512").update(r).update(key).update(text).digest()) % ORDER;
  /** What the holder of `secret` can sign with a nonce point and a public key of his choice. */
  const forge = (r: Uint8Array, key: Uint8Array, text: Uint8Array, logOfR = nonce): Uint8Array =>
    Uint8Array.of(...r, ...toBytes((logOfR + challenge(r, key, text) * secret) % ORDER));

  test("the forging tool makes good signatures, so that the refusals below mean something", () => {
    expect(
      ed25519Verify(message, forge(noncePoint.toBytes(), publicPoint.toBytes(), message), publicPoint.toBytes()),
    ).toBe(true);
  });

  test("S raised by the group order is refused", () => {
    const signature = forge(noncePoint.toBytes(), publicPoint.toBytes(), message);
    for (const times of [1n, 2n, 7n]) {
      const raised = toNumber(signature.subarray(32)) + times * ORDER;
      const malleable = Uint8Array.of(...signature.subarray(0, 32), ...toBytes(raised));
      expect(ed25519Verify(message, malleable, publicPoint.toBytes())).toBe(false);
    }
  });

  const ZERO = "00".repeat(32);
  test.each([
    ["order 1", `01${"00".repeat(31)}`],
    ["order 1, sign bit set", `01${"00".repeat(30)}80`],
    ["order 1, not canonical", `ee${"ff".repeat(30)}7f`],
    ["order 1, not canonical, sign bit set", `ee${"ff".repeat(31)}`],
    ["order 2", `ec${"ff".repeat(30)}7f`],
    ["order 2, sign bit set", `ec${"ff".repeat(31)}`],
    ["order 4", ZERO],
    ["order 4, sign bit set", `${"00".repeat(31)}80`],
    ["order 4, not canonical", `ed${"ff".repeat(30)}7f`],
    ["order 8", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"],
    ["order 8, other", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"],
  ])("a public key of %s verifies nothing", (_name, encoding) => {
    const key = unhex(encoding);
    const s = unhex(ZERO);
    // With S = 0 the equation holds for one message in the order of the key, whoever signs: 32 messages hit it.
    for (let text = 0; text < 32; text += 1) {
      for (const r of [unhex(`01${"00".repeat(31)}`), key]) {
        expect(ed25519Verify(Uint8Array.of(text), Uint8Array.of(...r, ...s), key)).toBe(false);
      }
    }
  });

  test("R of small order is refused even when the equation holds", () => {
    const identity = unhex(`01${"00".repeat(31)}`);
    const key = publicPoint.toBytes();
    expect(ed25519Verify(message, forge(identity, key, message, 0n), key)).toBe(false);
  });

  test("R with a part of small order is refused: the cofactor is not multiplied away", () => {
    const r = noncePoint.add(torsion).toBytes();
    const key = publicPoint.toBytes();
    const signature = forge(r, key, message);
    expect(ed25519.verify(signature, message, key), "a lenient verifier takes it").toBe(true);
    expect(ed25519Verify(message, signature, key)).toBe(false);
  });

  test("a key with a part of small order verifies only where the equation holds without the cofactor", () => {
    const key = publicPoint.add(torsion).toBytes();
    const r = noncePoint.toBytes();
    for (let text = 0; text < 64; text += 1) {
      const signature = forge(r, key, Uint8Array.of(text));
      const exact = challenge(r, key, Uint8Array.of(text)) % 8n === 0n;
      expect(ed25519Verify(Uint8Array.of(text), signature, key)).toBe(exact);
    }
  });

  test.each([
    [0, 32],
    [63, 32],
    [65, 32],
    [64, 0],
    [64, 31],
    [64, 33],
    [128, 32],
  ])("a signature of %i bytes with a key of %i bytes is refused", (signatureBytes, keyBytes) => {
    expect(ed25519Verify(message, new Uint8Array(signatureBytes), new Uint8Array(keyBytes))).toBe(false);
  });
});
