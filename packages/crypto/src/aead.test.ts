import { fc, test } from "@fast-check/vitest";
import { chacha20poly1305, xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { beforeAll, describe, expect } from "vitest";
import { aeadOpen, aeadSeal, xaeadOpen, xaeadOpenPage, xaeadSeal, xaeadSealPage } from "./aead.ts";
import { DecryptError } from "./errors.ts";
import { initCrypto } from "./sodium/sodium.ts";

beforeAll(initCrypto);

const SUNSCREEN = new TextEncoder().encode(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
);
const KEY = unhex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
const ASSOCIATED_DATA = unhex("50515253c0c1c2c3c4c5c6c7");

test("ChaCha20-Poly1305 gives the ciphertext and tag of RFC 8439 §2.8.2", () => {
  expect(hex(aeadSeal(KEY, unhex("070000004041424344454647"), ASSOCIATED_DATA, SUNSCREEN))).toBe(
    hex(
      unhex(`
    d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6 3dbea45e8ca9671282fafb69da92728b
    1a71de0a9e060b2905d6a5b67ecd3b36 92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
    3ff4def08e4b7a9de576d26586cec64b 6116 1ae10b594f09e26a7e902ecbd0600691`),
    ),
  );
});

test("XChaCha20-Poly1305 gives the ciphertext and tag of draft-irtf-cfrg-xchacha-03 §A.3.1", () => {
  const nonce = unhex("404142434445464748494a4b4c4d4e4f5051525354555657");
  expect(hex(xaeadSeal(KEY, nonce, ASSOCIATED_DATA, SUNSCREEN))).toBe(
    hex(
      unhex(`
    bd6d179d3e83d43b9576579493c0e939 572a1700252bfaccbed2902c21396cbb 731c7f1b0b4aa6440bf3a82f4eda7e39
    ae64c6708c54c216cb96b72e1213b452 2f8c9ba40db5d945b11b69b982c1bb9e 3f3fac2bc369488f76b2383565d3fff9
    21f9664c97637da9768812f615c68b13 b52e c0875924c1c7987947deafd8780acf49`),
    ),
  );
});

const sealed = { seal: aeadSeal, open: aeadOpen, noble: chacha20poly1305, nonceBytes: 12 };
const xsealed = { seal: xaeadSeal, open: xaeadOpen, noble: xchacha20poly1305, nonceBytes: 24 };

describe.each([
  ["ChaCha20-Poly1305", sealed],
  ["XChaCha20-Poly1305", xsealed],
])("%s", (_name, { seal, open, noble, nonceBytes }) => {
  const keys = fc.uint8Array({ minLength: 32, maxLength: 32 });
  const nonces = fc.uint8Array({ minLength: nonceBytes, maxLength: nonceBytes });
  const texts = fc.oneof(
    { weight: 20, arbitrary: fc.uint8Array({ maxLength: 200 }) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(65_536, 81_600, 81_800, 81_900, 200_000)
        .map((length) => new Uint8Array(length).fill(3)),
    },
  );

  test.prop([keys, nonces, texts, texts])(
    "agrees with noble and opens again",
    (key, nonce, associatedData, plaintext) => {
      const ciphertext = seal(key, nonce, associatedData, plaintext);
      expect(Buffer.compare(ciphertext, noble(key, nonce, associatedData).encrypt(plaintext))).toBe(0);
      expect(Buffer.compare(open(key, nonce, associatedData, ciphertext), plaintext)).toBe(0);
    },
  );

  const key = new Uint8Array(32).fill(1);
  const nonce = new Uint8Array(nonceBytes).fill(2);
  const associatedData = Uint8Array.of(3, 4);
  const plaintext = Uint8Array.of(5, 6, 7);
  const flipped = (bytes: Uint8Array, bit: number): Uint8Array =>
    bytes.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));

  test("refuses any single flipped bit in ciphertext, tag, nonce, key or associated data", () => {
    const ciphertext = seal(key, nonce, associatedData, plaintext);
    for (let bit = 0; bit < ciphertext.length * 8; bit += 1) {
      expect(() => open(key, nonce, associatedData, flipped(ciphertext, bit))).toThrow(DecryptError);
    }
    for (let bit = 0; bit < nonceBytes * 8; bit += 1) {
      expect(() => open(key, flipped(nonce, bit), associatedData, ciphertext)).toThrow(DecryptError);
    }
    for (let bit = 0; bit < 16; bit += 1) {
      expect(() => open(key, nonce, flipped(associatedData, bit), ciphertext)).toThrow(DecryptError);
    }
    for (let bit = 0; bit < 256; bit += 1) {
      expect(() => open(flipped(key, bit), nonce, associatedData, ciphertext)).toThrow(DecryptError);
    }
  });

  test("refuses every shorter and longer ciphertext", () => {
    const ciphertext = seal(key, nonce, associatedData, plaintext);
    for (let length = 0; length < ciphertext.length; length += 1) {
      expect(() => open(key, nonce, associatedData, ciphertext.subarray(0, length))).toThrow(DecryptError);
    }
    expect(() => open(key, nonce, associatedData, Uint8Array.of(...ciphertext, 0))).toThrow(DecryptError);
  });

  test("calls keys and nonces of another length our own mistake", () => {
    expect(() => seal(key.subarray(1), nonce, associatedData, plaintext)).toThrow(RangeError);
    expect(() => seal(key, nonce.subarray(1), associatedData, plaintext)).toThrow(RangeError);
    expect(() => open(key, Uint8Array.of(...nonce, 0), associatedData, new Uint8Array(16))).toThrow(RangeError);
    expect(() => open(Uint8Array.of(...key, 0), nonce, associatedData, new Uint8Array(16))).toThrow(RangeError);
  });

  test("does not change what it was given", () => {
    const ciphertext = seal(key, nonce, associatedData, plaintext);
    const before = hex(ciphertext);
    open(key, nonce, associatedData, ciphertext);
    expect(hex(ciphertext)).toBe(before);
    expect(hex(plaintext)).toBe("050607");
  });
});

const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

test.prop([bytesOf(32), bytesOf(24), fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 300 })])(
  "a page is sealed as anything else, with its tag apart, in place too",
  (key, nonce, associatedData, plaintext) => {
    const whole = hex(xaeadSeal(key, nonce, associatedData, plaintext));
    const [ciphertext, tag, again] = [plaintext.slice(), new Uint8Array(16), plaintext.slice().fill(7)];
    xaeadSealPage(key, nonce, associatedData, ciphertext, ciphertext, tag);
    expect(hex(ciphertext) + hex(tag)).toBe(whole);
    xaeadOpenPage(key, nonce, associatedData, ciphertext, tag, again);
    expect(hex(again)).toBe(hex(plaintext));
  },
);

test("a page with any part changed is refused, and what it was to be opened into stays as it was", () => {
  const [key, nonce, data] = [new Uint8Array(32).fill(1), new Uint8Array(24).fill(2), Uint8Array.of(3)];
  const [ciphertext, tag] = [new Uint8Array(64), new Uint8Array(16)];
  xaeadSealPage(key, nonce, data, new Uint8Array(64).fill(9), ciphertext, tag);
  const parts = [key, nonce, data, ciphertext, tag] as const;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) {
      const into = new Uint8Array(64);
      part[at] = (part[at] ?? 0) ^ 1;
      expect(() => {
        xaeadOpenPage(key, nonce, data, ciphertext, tag, into);
      }).toThrow(DecryptError);
      part[at] = (part[at] ?? 0) ^ 1;
      expect(into.some((byte) => byte !== 0)).toBe(false);
    }
  }
});

test("the error of a failed opening has a code and holds no bytes", () => {
  try {
    aeadOpen(new Uint8Array(32), new Uint8Array(12), new Uint8Array(0), new Uint8Array(16));
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ name: "DecryptError", code: "decrypt-failed", message: "decrypt-failed" });
  }
});
