import { fc, test } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { InvariantError } from "../errors.ts";
import { aeadOpen, aeadSeal, xaeadSeal } from "../aead.ts";
import { ed25519Sign, ed25519Verify, signKeyPairFromSeed } from "../signature.ts";
import { kemDecapsulate, kemEncapsulateWithSeed, kemKeyPairFromSeed } from "../kem.ts";
import { sha256, sha512 } from "../hash.ts";
import { align, inHeap } from "./heap.ts";
import { initCrypto, rawSodium, wrapped } from "./sodium.ts";

beforeAll(initCrypto);
const key32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const key64 = fc.uint8Array({ minLength: 64, maxLength: 64 });
const texts = fc.uint8Array({ maxLength: 200 });
const same = (a: Uint8Array, b: Uint8Array): void => {
  expect(Buffer.compare(a, b)).toBe(0);
};

// The wrapper is the slow, readable twin of what this package calls by itself.
test.prop([key32, fc.uint8Array({ minLength: 24, maxLength: 24 }), texts, texts])(
  "hashes and ciphers agree with libsodium's own interface",
  (key, longNonce, data, text) => {
    const sodium = wrapped();
    const nonce = longNonce.subarray(0, 12);
    same(sha256(text), sodium.crypto_hash_sha256(text));
    same(sha512(text), sodium.crypto_hash_sha512(text));
    same(
      aeadSeal(key, nonce, data, text),
      sodium.crypto_aead_chacha20poly1305_ietf_encrypt(text, data, null, nonce, key),
    );
    same(
      xaeadSeal(key, longNonce, data, text),
      sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(text, data, null, longNonce, key),
    );
    const ciphertext = aeadSeal(key, nonce, data, text);
    same(
      aeadOpen(key, nonce, data, ciphertext),
      sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, data, nonce, key),
    );
  },
);

test.prop([key32, key64, texts], { numRuns: 20 })(
  "signatures and X-Wing agree with libsodium's own interface",
  (seed, encapsulationSeed, text) => {
    const sodium = wrapped();
    const pair = signKeyPairFromSeed(seed);
    const signature = sodium.crypto_sign_detached(text, pair.privateKey);
    same(ed25519Sign(text, pair.privateKey), signature);
    expect(ed25519Verify(text, signature, pair.publicKey)).toBe(true);
    const kem = kemKeyPairFromSeed(seed);
    const theirs = sodium.crypto_kem_xwing_seed_keypair(seed);
    same(kem.publicKey, theirs.publicKey);
    same(kem.privateKey, theirs.privateKey);
    const ours = kemEncapsulateWithSeed(kem.publicKey, encapsulationSeed);
    const expected = sodium.crypto_kem_xwing_enc_deterministic(kem.publicKey, encapsulationSeed);
    same(ours.ciphertext, expected.ciphertext);
    same(ours.secret, expected.sharedSecret);
    same(kemDecapsulate(kem.privateKey, ours.ciphertext), expected.sharedSecret);
  },
);

test.each([
  ["shared", 64],
  ["own", 100_000],
])("nothing is left of what was put into the %s region", (_name, length) => {
  const secret = new Uint8Array(length).fill(0xa5);
  const pointer = inHeap(align(length), (heap) => heap.put(secret));
  const left = rawSodium().HEAPU8.slice(pointer, pointer + length);
  // Freed memory may hold the allocator's own links in its first words, but nothing of the secret.
  expect(left.includes(0xa5)).toBe(false);
});

test("nothing is left after a call that throws", () => {
  let pointer = 0;
  expect(() =>
    inHeap(64, (heap) => {
      pointer = heap.put(new Uint8Array(64).fill(0xa5));
      throw new RangeError("stopped");
    }),
  ).toThrow(RangeError);
  expect(
    rawSodium()
      .HEAPU8.slice(pointer, pointer + 64)
      .includes(0xa5),
  ).toBe(false);
});

test("a call within a call gets memory of its own", () => {
  inHeap(64, (outer) => {
    const pointer = outer.put(new Uint8Array(32).fill(1));
    sha512(new Uint8Array(100).fill(2));
    same(outer.take(pointer, 32), new Uint8Array(32).fill(1));
  });
});

test.each([70_000, 90_000])("in a region of %i bytes arguments never overlap, and more is refused", (region) => {
  inHeap(region, (heap) => {
    const pointers = [1, 15, 16, 17, 100].map((length) => [heap.space(length), length] as const);
    for (const [index, [pointer, length]] of pointers.entries()) {
      expect(pointer % 16).toBe(0);
      const next = pointers[index + 1];
      if (next !== undefined) expect(next[0]).toBeGreaterThanOrEqual(pointer + length);
    }
    expect(() => heap.space(region)).toThrow(InvariantError);
  });
});

test("results stay what they are when the memory moves", () => {
  const before = sha256(Uint8Array.of(1));
  const copy = Uint8Array.from(before);
  // Argon2id with more memory than the module has makes it grow, which replaces its view.
  wrapped().crypto_pwhash(16, "x", new Uint8Array(16), 1, 64 * 1024 * 1024, 2);
  same(sha256(Uint8Array.of(1)), copy);
  same(before, copy);
});
