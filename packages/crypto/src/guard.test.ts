import { fc, test } from "@fast-check/vitest";
import { hex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect } from "vitest";
import { DecryptError, KeyError } from "./errors.ts";
import * as guard from "./guard.ts";
import { hpkeExport, hpkeSetupReceiver } from "./hpke.ts";
import { KEM_CIPHERTEXT_BYTES, kemKeyPair, type KemKeyPair } from "./kem.ts";
import { labelled } from "./labels.ts";
import { splitScalar } from "./secret-sharing.ts";
import { initCrypto } from "./sodium/sodium.ts";
import { voprfSharePublicKey } from "./threshold-voprf.ts";

const random = repeatableRandom("guard");
let keys: KemKeyPair;
beforeAll(async () => {
  await initCrypto();
  keys = kemKeyPair(random);
});

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const flip = (bytes: Uint8Array, place: number): Uint8Array =>
  bytes.map((byte, at) => (at === place % bytes.length ? byte ^ 1 : byte));

test("a guard gets nothing that belongs to clients' messages, groups or vaults", () => {
  const names = Object.keys(guard);
  expect(names).toContain("openGuardRequest");
  for (const name of names) expect(name).not.toMatch(/^(argon2id|xaead|stream|mls|sign$|signKey|joinShares|hpkeOpen)/);
});

describe("a request and its reply", () => {
  test.prop([fc.uint8Array({ maxLength: 60 }), fc.uint8Array({ maxLength: 60 })], { numRuns: 20 })(
    "come through",
    (question, answer) => {
      const { sealed, replyKey } = guard.sealGuardRequest(keys.publicKey, question, random);
      const opened = guard.openGuardRequest(keys.privateKey, sealed);
      expect(hex(opened.plaintext)).toBe(hex(question));
      expect(hex(guard.openGuardReply(replyKey, guard.sealGuardReply(opened.replyKey, answer, random)))).toBe(
        hex(answer),
      );
    },
  );

  test.prop([fc.nat()], { numRuns: 40 })("do not open with one bit changed", (place) => {
    const { sealed, replyKey } = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    expect(() => guard.openGuardRequest(keys.privateKey, flip(sealed, place))).toThrow(DecryptError);
    const reply = guard.sealGuardReply(replyKey, new Uint8Array(40), random);
    expect(() => guard.openGuardReply(replyKey, flip(reply, place))).toThrow(DecryptError);
  });

  test("do not open for another guard, nor as the reply to another request", () => {
    const one = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    const other = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    expect(() => guard.openGuardRequest(kemKeyPair(random).privateKey, one.sealed)).toThrow(DecryptError);
    const reply = guard.sealGuardReply(one.replyKey, new Uint8Array(40), random);
    expect(() => guard.openGuardReply(other.replyKey, reply)).toThrow(DecryptError);
  });

  test("are sealed under labels of their own", () => {
    const { sealed, replyKey } = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    const kemOutput = sealed.subarray(0, KEM_CIPHERTEXT_BYTES);
    const nothing = new Uint8Array(0);
    const context = hpkeSetupReceiver(keys.privateKey, kemOutput, labelled("guard channel", nothing));
    expect(hex(replyKey.secret)).toBe(hex(hpkeExport(context, labelled("guard reply", nothing), 32)));
  });

  test("two replies to one request share no keystream", () => {
    const { sealed, replyKey } = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    const replies = [1, 2].map(() => {
      const again = guard.openGuardRequest(keys.privateKey, sealed);
      return guard.sealGuardReply(again.replyKey, new Uint8Array(40), random);
    });
    const [one, other] = replies.map((reply) => hex(reply.subarray(-40 - guard.AEAD_TAG_BYTES)));
    expect(one).not.toBe(other);
    for (const reply of replies) expect(hex(guard.openGuardReply(replyKey, reply))).toBe(hex(new Uint8Array(40)));
  });

  test.prop([fc.uint8Array({ maxLength: 600 })], { numRuns: 20 })("noise is no reply", (noise) => {
    const { replyKey } = guard.sealGuardRequest(keys.publicKey, new Uint8Array(40), random);
    expect(() => guard.openGuardReply(replyKey, noise)).toThrow(DecryptError);
  });

  test.prop([fc.uint8Array({ maxLength: 1200 })], { numRuns: 20 })("noise is refused", (noise) => {
    expect(() => guard.openGuardRequest(keys.privateKey, noise)).toThrow(DecryptError);
  });
});

describe("an entry", () => {
  test.prop([bytes32, bytes32, bytes32])("is known by its tag only with its pad", (tag, pad, other) => {
    fc.pre(hex(pad) !== hex(other));
    expect(hex(guard.guardTagHash(tag, pad))).not.toBe(hex(guard.guardTagHash(tag, other)));
    expect(hex(guard.guardEntrySecret(tag, pad))).not.toBe(hex(guard.guardEntrySecret(tag, other)));
  });
});

describe("a share's key pair", () => {
  test("has the public key that the client knows the share by", () => {
    const { shares } = splitScalar(undefined, 2, 3, random);
    for (const { value } of shares) {
      expect(hex(guard.voprfShareKeyPair(value).publicKey)).toBe(hex(voprfSharePublicKey(value)));
    }
  });

  test("is refused for zero, for what is no scalar, and for another length", () => {
    const order = Uint8Array.from(
      Buffer.from("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010", "hex"),
    );
    for (const share of [new Uint8Array(32), order, new Uint8Array(32).fill(255), new Uint8Array(31).fill(1)]) {
      expect(() => guard.voprfShareKeyPair(share)).toThrow(KeyError);
    }
  });
});
