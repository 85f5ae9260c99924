import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { ristretto255, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { hex, unhex } from "@stonechat/testkit/hex";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { beforeAll, expect } from "vitest";
import { KeyError, ProofError } from "./errors.ts";
import { joinShares, splitScalar } from "./secret-sharing.ts";
import { initCrypto } from "./sodium/sodium.ts";
import {
  combineEvaluations,
  dealVoprfKey,
  verifyPartialEvaluation,
  voprfEvaluateWhole,
  voprfSharePublicKey,
  type PartialEvaluation,
} from "./threshold-voprf.ts";
import { voprfBlind } from "./voprf-client.ts";
import { voprfEvaluate } from "./voprf-server.ts";

beforeAll(initCrypto);

interface Suite {
  readonly mode: number;
  readonly skSm: string;
  readonly vectors: readonly { readonly Batch: number; readonly Input: string; readonly Output: string }[];
}
const suites = JSON.parse(
  readFileSync(new URL("../../../vectors/rfc9497-voprf/ristretto255-SHA512.json", import.meta.url), "utf8"),
) as readonly Suite[];
const rows = suites
  .filter(({ mode }) => mode === 1)
  .flatMap(({ skSm, vectors }) => vectors.filter(({ Batch }) => Batch === 1).map((row) => ({ skSm, ...row })));

/** What the servers with these shares answer, proved and checked. */
function askServers(
  input: Uint8Array,
  shares: readonly { readonly index: number; readonly value: Uint8Array }[],
  seed: string,
): { readonly blinded: ReturnType<typeof voprfBlind>; readonly evaluations: readonly PartialEvaluation[] } {
  const random = repeatableRandom(seed);
  const blinded = voprfBlind(input, random);
  const evaluations = shares.map(({ index, value }) => {
    const publicKey = voprfSharePublicKey(value);
    const answer = voprfEvaluate({ privateKey: value, publicKey }, blinded.blindedElement, random);
    return verifyPartialEvaluation(input, blinded, index, answer, publicKey);
  });
  return { blinded, evaluations };
}

const pairs = [
  [1, 2],
  [1, 3],
  [3, 2],
];

test.each(rows.flatMap((row) => pairs.map((pair) => ({ ...row, pair }))))(
  "any two of three servers together give the output of RFC 9497 §A.1.2 for input $Input: $pair",
  ({ skSm, Input, Output, pair }) => {
    const { shares } = splitScalar(unhex(skSm), 2, 3, repeatableRandom("deal"));
    const asked = pair.flatMap((index) => shares.filter((share) => share.index === index));
    const { blinded, evaluations } = askServers(unhex(Input), asked, "ask");
    expect(hex(combineEvaluations(unhex(Input), blinded, evaluations))).toBe(Output);
  },
);

test.each(rows)("the whole key gives the output of RFC 9497 §A.1.2 for input $Input", ({ skSm, Input, Output }) => {
  expect(hex(voprfEvaluateWhole(unhex(Input), unhex(skSm), repeatableRandom("whole")))).toBe(Output);
});

const sharings = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
  .map(([a, b]) => ({ threshold: Math.min(a, b), count: Math.max(a, b) }));

test.prop([sharings, fc.uint8Array({ maxLength: 40 }), fc.nat()], { numRuns: 25 })(
  "every set of enough servers gives what the whole key and noble's own single server give",
  ({ threshold, count }, input, seed) => {
    const { key, shares } = dealVoprfKey(threshold, count, repeatableRandom(seed));
    const chosen = shares.slice(count - threshold);
    const { blinded, evaluations } = askServers(input, chosen, String(seed));
    const output = hex(combineEvaluations(input, blinded, evaluations));
    expect(output).toBe(hex(voprfEvaluateWhole(input, key, repeatableRandom(seed))));
    const { voprf } = ristretto255_oprf;
    const single = voprf.blindEvaluate(key, voprfSharePublicKey(key), blinded.blindedElement);
    const publicKey = voprfSharePublicKey(key);
    expect(output).toBe(
      hex(voprf.finalize(input, blinded.blind, single.evaluated, blinded.blindedElement, publicKey, single.proof)),
    );
  },
);

test.prop([sharings, fc.nat()], { numRuns: 40 })(
  "enough shares give the secret back, one fewer another scalar",
  ({ threshold, count }, seed) => {
    const { secret, shares } = splitScalar(undefined, threshold, count, repeatableRandom(seed));
    expect(hex(joinShares(shares.slice(0, threshold)))).toBe(hex(secret));
    expect(hex(joinShares(shares.slice(count - threshold).toReversed()))).toBe(hex(secret));
    if (threshold > 1) expect(hex(joinShares(shares.slice(0, threshold - 1)))).not.toBe(hex(secret));
  },
);

test("answers that add up to nothing are refused", () => {
  const blinded = voprfBlind(new Uint8Array(3), repeatableRandom("nothing"));
  const one = ristretto255.Point.fromBytes(blinded.blindedElement);
  // At 0 the weights of 1 and 2 are 2 and -1.
  const evaluations = [
    { index: 1, evaluatedElement: one.toBytes() },
    { index: 2, evaluatedElement: one.double().toBytes() },
  ];
  expect(() => combineEvaluations(new Uint8Array(3), blinded, evaluations)).toThrow(ProofError);
});

test("an answer under another share than the one that is known is refused", () => {
  const random = repeatableRandom("lie");
  const { shares } = dealVoprfKey(2, 3, random);
  const [first, second] = shares;
  if (first === undefined || second === undefined) throw new Error("no shares");
  const input = Uint8Array.of(1);
  const blinded = voprfBlind(input, random);
  const answer = voprfEvaluate(
    { privateKey: second.value, publicKey: second.publicKey },
    blinded.blindedElement,
    random,
  );
  expect(() => verifyPartialEvaluation(input, blinded, 1, answer, first.publicKey)).toThrow(ProofError);
});

test("two answers of one index, no answers, and sharings that cannot be are refused", () => {
  const random = repeatableRandom("odd");
  const input = Uint8Array.of(1);
  const { shares } = dealVoprfKey(1, 2, random);
  const { blinded, evaluations } = askServers(input, shares.slice(0, 1), "odd");
  expect(() => combineEvaluations(input, blinded, [...evaluations, ...evaluations])).toThrow(RangeError);
  expect(() => combineEvaluations(input, blinded, [])).toThrow(RangeError);
  expect(() => splitScalar(undefined, 3, 2, random)).toThrow(RangeError);
  expect(() => splitScalar(undefined, 0, 2, random)).toThrow(RangeError);
});

test("a key of zero and a secret that is no scalar are refused", () => {
  const random = repeatableRandom("zero");
  expect(() => voprfEvaluateWhole(Uint8Array.of(1), new Uint8Array(32), random)).toThrow(KeyError);
  expect(() => splitScalar(new Uint8Array(32).fill(255), 2, 3, random)).toThrow(KeyError);
  expect(() => splitScalar(new Uint8Array(31), 2, 3, random)).toThrow(KeyError);
});
