import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, describe, expect } from "vitest";
import { KeyError, ProofError } from "./errors.ts";
import { initCrypto } from "./sodium/sodium.ts";
import { voprfBlind, voprfFinalize } from "./voprf-client.ts";
import { voprfDeriveKeyPair, voprfEvaluate, voprfEvaluateWithScalar } from "./voprf-server.ts";

beforeAll(initCrypto);

interface Row {
  readonly Batch: number;
  readonly Blind: string;
  readonly BlindedElement: string;
  readonly EvaluationElement: string;
  readonly Input: string;
  readonly Output: string;
  readonly Proof: { readonly proof: string; readonly r: string };
}
interface Suite {
  readonly mode: number;
  readonly seed: string;
  readonly keyInfo: string;
  readonly skSm: string;
  readonly pkSm: string;
  readonly vectors: readonly Row[];
}
const suites = JSON.parse(
  readFileSync(new URL("../../../vectors/rfc9497-voprf/ristretto255-SHA512.json", import.meta.url), "utf8"),
) as readonly Suite[];
const voprf = suites.filter((suite) => suite.mode === 1);
const rows = voprf.flatMap((suite) => suite.vectors.map((row) => ({ suite, row })));
const single = rows.filter(({ row }) => row.Batch === 1);

/** Randomness from which noble draws exactly this blind: it reduces 48 bytes to a scalar from 1 up. */
function randomForBlind(blind: Uint8Array): { bytes(length: number): Uint8Array } {
  const lessOne = BigInt(`0x${hex(blind.toReversed())}`) - 1n;
  return { bytes: (length) => unhex(lessOne.toString(16).padStart(length * 2, "0")).toReversed() };
}

test("the vectors hold two single rows and one batch of the verifiable mode", () => {
  expect(rows.map(({ row }) => row.Batch)).toEqual([1, 1, 2]);
});

test.each(voprf)("the key pair of RFC 9497 §A.1.2 is derived from its seed", ({ seed, keyInfo, skSm, pkSm }) => {
  const pair = voprfDeriveKeyPair(unhex(seed), unhex(keyInfo));
  expect([hex(pair.privateKey), hex(pair.publicKey)]).toEqual([skSm, pkSm]);
});

test.each(single)(
  "blinding, evaluation, proof and output are those of RFC 9497 for input $row.Input",
  ({ suite, row }) => {
    const blinded = voprfBlind(unhex(row.Input), randomForBlind(unhex(row.Blind)));
    expect([hex(blinded.blind), hex(blinded.blindedElement)]).toEqual([row.Blind, row.BlindedElement]);
    const pair = { privateKey: unhex(suite.skSm), publicKey: unhex(suite.pkSm) };
    const answer = voprfEvaluateWithScalar(pair, blinded.blindedElement, unhex(row.Proof.r));
    expect([hex(answer.evaluatedElement), hex(answer.proof)]).toEqual([row.EvaluationElement, row.Proof.proof]);
    expect(hex(voprfFinalize(unhex(row.Input), blinded, answer, pair.publicKey))).toBe(row.Output);
  },
);

test("each element of the batch is evaluated as RFC 9497 says", () => {
  for (const { suite, row } of rows.filter((candidate) => candidate.row.Batch > 1)) {
    const pair = { privateKey: unhex(suite.skSm), publicKey: unhex(suite.pkSm) };
    const evaluated = row.BlindedElement.split(",").map((element) =>
      hex(voprfEvaluate(pair, unhex(element), repeatableRandom(1)).evaluatedElement),
    );
    expect(evaluated.join(",")).toBe(row.EvaluationElement);
  }
});

test.prop([fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.uint8Array({ minLength: 32, maxLength: 32 })], {
  numRuns: 10,
})("the output is the function of key and input alone, whatever the blind", (input, seed, keySeed) => {
  const info = Uint8Array.of(1, 2);
  const pair = voprfDeriveKeyPair(keySeed, info);
  const noble = ristretto255_oprf.voprf.deriveKeyPair(keySeed, info);
  expect([hex(pair.privateKey), hex(pair.publicKey)]).toEqual([hex(noble.secretKey), hex(noble.publicKey)]);
  const run = (random: ReturnType<typeof repeatableRandom>): string => {
    const blinded = voprfBlind(input, random);
    return hex(voprfFinalize(input, blinded, voprfEvaluate(pair, blinded.blindedElement, random), pair.publicKey));
  };
  expect(run(repeatableRandom(seed))).toBe(run(repeatableRandom(seed + 1)));
});

describe("a client", () => {
  const input = Uint8Array.of(1, 2, 3);
  const pair = (): ReturnType<typeof voprfDeriveKeyPair> =>
    voprfDeriveKeyPair(new Uint8Array(32).fill(1), new Uint8Array(0));
  const blinded = (): ReturnType<typeof voprfBlind> => voprfBlind(input, repeatableRandom("client"));

  test("refuses the answer of another key", () => {
    const other = voprfDeriveKeyPair(new Uint8Array(32).fill(2), new Uint8Array(0));
    const asked = blinded();
    const answer = voprfEvaluate(other, asked.blindedElement, repeatableRandom(1));
    expect(() => voprfFinalize(input, asked, answer, pair().publicKey)).toThrow(ProofError);
  });

  test("refuses an answer with any flipped bit in its proof or element", () => {
    const asked = blinded();
    const answer = voprfEvaluate(pair(), asked.blindedElement, repeatableRandom(1));
    for (let bit = 0; bit < 512; bit += 37) {
      const proof = answer.proof.map((byte, index) => (index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(() => voprfFinalize(input, asked, { ...answer, proof }, pair().publicKey)).toThrow(ProofError);
    }
    for (let bit = 0; bit < 256; bit += 37) {
      const evaluatedElement = answer.evaluatedElement.map((byte, index) =>
        index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
      );
      expect(() => voprfFinalize(input, asked, { ...answer, evaluatedElement }, pair().publicKey)).toThrow(ProofError);
    }
  });

  test.each([
    [31, 64],
    [33, 64],
    [32, 63],
    [32, 65],
    [0, 0],
  ])("refuses an answer of %i and %i bytes", (element, proof) => {
    const answer = { evaluatedElement: new Uint8Array(element), proof: new Uint8Array(proof) };
    expect(() => voprfFinalize(input, blinded(), answer, pair().publicKey)).toThrow(ProofError);
  });

  test("never asks about more than 65,535 bytes", () => {
    expect(() => voprfBlind(new Uint8Array(65_536), repeatableRandom(1))).toThrow(RangeError);
  });

  test("says of a failure only that it failed", () => {
    const answer = { evaluatedElement: new Uint8Array(32), proof: new Uint8Array(64) };
    expect(() => voprfFinalize(input, blinded(), answer, pair().publicKey)).toThrow(
      expect.objectContaining({ code: "proof-failed", message: "proof-failed" }),
    );
  });
});

describe("a server", () => {
  const pair = (): ReturnType<typeof voprfDeriveKeyPair> =>
    voprfDeriveKeyPair(new Uint8Array(32).fill(1), new Uint8Array(0));

  test.each([
    ["the identity", "00".repeat(32)],
    ["not canonical", `ed${"ff".repeat(30)}7f`],
    ["negative", `01${"00".repeat(31)}`],
    ["no square", `26${"00".repeat(31)}`],
    ["too short", "00".repeat(31)],
    ["too long", "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d7600"],
  ])("refuses an element that is %s", (_name, element) => {
    expect(() => voprfEvaluate(pair(), unhex(element), repeatableRandom(1))).toThrow(KeyError);
  });

  test("proves twice with different scalars", () => {
    const { blindedElement } = voprfBlind(Uint8Array.of(1), repeatableRandom(1));
    const random = repeatableRandom(2);
    const first = voprfEvaluate(pair(), blindedElement, random);
    const second = voprfEvaluate(pair(), blindedElement, random);
    expect(hex(first.evaluatedElement)).toBe(hex(second.evaluatedElement));
    expect(hex(first.proof)).not.toBe(hex(second.proof));
  });
});
