import { fc, test } from "@fast-check/vitest";
import { type AeadInterface, CipherSuite, HkdfSha512, type KemInterface } from "@hpke/core";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { ml_kem768_x25519 as nobleXWing } from "@noble/post-quantum/hybrid.js";
import { hex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { DecryptError, KeyError } from "./errors.ts";
import {
  HPKE_OVERHEAD_BYTES,
  hpkeExport,
  hpkeOpen,
  hpkeOpenApart,
  hpkeSeal,
  hpkeSealApart,
  hpkeSetupReceiver,
  hpkeSetupSender,
} from "./hpke.ts";
import { kemKeyPairFromSeed, type KemKeyPair } from "./kem.ts";
import { initCrypto } from "./sodium/sodium.ts";

let pair: KemKeyPair;
beforeAll(async () => {
  await initCrypto();
  pair = kemKeyPairFromSeed(new Uint8Array(32).fill(7));
});
const random = repeatableRandom("hpke");
const bytes = fc.uint8Array({ maxLength: 100 });
const runs = { numRuns: 25 };

/** A second HPKE: key schedule of @hpke/core, X-Wing and ChaCha20-Poly1305 of noble. Only what a receiver needs. */
function otherSuite(): CipherSuite {
  const kem = {
    id: 0x647a,
    secretSize: 32,
    encSize: 1120,
    publicKeySize: 1216,
    privateKeySize: 32,
    decap: ({ recipientKey, enc }: { recipientKey: { seed: Uint8Array }; enc: ArrayBuffer }) =>
      Promise.resolve(nobleXWing.decapsulate(new Uint8Array(enc), recipientKey.seed).slice().buffer),
  };
  const aead = {
    id: 3,
    keySize: 32,
    nonceSize: 12,
    tagSize: 16,
    createEncryptionContext: (key: ArrayBuffer) => ({
      open: (nonce: ArrayBuffer, text: ArrayBuffer, data: ArrayBuffer) =>
        Promise.resolve(
          chacha20poly1305(new Uint8Array(key), new Uint8Array(nonce), new Uint8Array(data))
            .decrypt(new Uint8Array(text))
            .slice().buffer,
        ),
    }),
  };
  // The interfaces also ask for what a receiver never calls.
  return new CipherSuite({
    kem: kem as unknown as KemInterface,
    kdf: new HkdfSha512(),
    aead: aead as unknown as AeadInterface,
  });
}

type RecipientKey = Parameters<CipherSuite["createRecipientContext"]>[0]["recipientKey"];
const exact = (view: Uint8Array): ArrayBuffer => Uint8Array.from(view).buffer;

test.prop([bytes, bytes, bytes], runs)(
  "another HPKE opens what this one seals",
  async (info, associatedData, plaintext) => {
    const { kemOutput, ciphertext } = hpkeSealApart(pair.publicKey, info, associatedData, plaintext, random);
    const recipientKey = { seed: pair.privateKey } as unknown as RecipientKey;
    const receiver = await otherSuite().createRecipientContext({
      recipientKey,
      enc: exact(kemOutput),
      info: exact(info),
    });
    expect(hex(new Uint8Array(await receiver.open(exact(ciphertext), exact(associatedData))))).toBe(hex(plaintext));
  },
);

test.prop([bytes, bytes, fc.integer({ min: 1, max: 200 })], runs)(
  "another HPKE exports the same secrets",
  async (info, context, length) => {
    const { kemOutput, context: sender } = hpkeSetupSender(pair.publicKey, info, random);
    const recipientKey = { seed: pair.privateKey } as unknown as RecipientKey;
    const other = await otherSuite().createRecipientContext({ recipientKey, enc: exact(kemOutput), info: exact(info) });
    const expected = hex(new Uint8Array(await other.export(exact(context), length)));
    expect(hex(hpkeExport(sender, context, length))).toBe(expected);
    expect(hex(hpkeExport(hpkeSetupReceiver(pair.privateKey, kemOutput, info), context, length))).toBe(expected);
  },
);

test.prop([bytes, bytes, bytes], runs)("what is sealed opens again", (info, associatedData, plaintext) => {
  const sealed = hpkeSeal(pair.publicKey, info, associatedData, plaintext, random);
  expect(sealed.length).toBe(plaintext.length + HPKE_OVERHEAD_BYTES);
  expect(hex(hpkeOpen(pair.privateKey, info, associatedData, sealed))).toBe(hex(plaintext));
});

test("another info, associated data, key or KEM output opens nothing", () => {
  const info = Uint8Array.of(1);
  const data = Uint8Array.of(2);
  const { kemOutput, ciphertext } = hpkeSealApart(pair.publicKey, info, data, Uint8Array.of(3), random);
  const other = hpkeSealApart(pair.publicKey, info, data, Uint8Array.of(3), random);
  const open = (key: Uint8Array, i: Uint8Array, d: Uint8Array, enc: Uint8Array, ct: Uint8Array) => () =>
    hpkeOpenApart(key, i, d, enc, ct);
  expect(open(pair.privateKey, info, data, kemOutput, ciphertext)()).toEqual(Uint8Array.of(3));
  expect(open(pair.privateKey, data, data, kemOutput, ciphertext)).toThrow(DecryptError);
  expect(open(pair.privateKey, info, info, kemOutput, ciphertext)).toThrow(DecryptError);
  expect(open(new Uint8Array(32), info, data, kemOutput, ciphertext)).toThrow(DecryptError);
  expect(open(pair.privateKey, info, data, other.kemOutput, ciphertext)).toThrow(DecryptError);
  expect(open(pair.privateKey, info, data, kemOutput, other.ciphertext)).toThrow(DecryptError);
});

test("every proper prefix and anything appended is refused", () => {
  const sealed = hpkeSeal(pair.publicKey, new Uint8Array(0), new Uint8Array(0), Uint8Array.of(1, 2), random);
  for (const length of [0, 1, 1119, 1120, 1121, 1135, 1136, 1137]) {
    expect(() => hpkeOpen(pair.privateKey, new Uint8Array(0), new Uint8Array(0), sealed.subarray(0, length))).toThrow(
      DecryptError,
    );
  }
  expect(() => hpkeOpen(pair.privateKey, new Uint8Array(0), new Uint8Array(0), Uint8Array.of(...sealed, 0))).toThrow(
    DecryptError,
  );
});

test("a public key that cannot be used is refused before anything is sealed", () => {
  expect(() =>
    hpkeSeal(new Uint8Array(1216).fill(255), new Uint8Array(0), new Uint8Array(0), new Uint8Array(0), random),
  ).toThrow(KeyError);
});
