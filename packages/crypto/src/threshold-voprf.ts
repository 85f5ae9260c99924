import { ristretto255, ristretto255_oprf } from "@noble/curves/ed25519.js";
import { KeyError, ProofError } from "./errors.ts";
import { requireLength } from "./lengths.ts";
import type { Random } from "./random.ts";
import { splitScalar, toWeights, type ScalarShare } from "./secret-sharing.ts";
import { voprfBlind, voprfFinalize, type VoprfBlinded } from "./voprf-client.ts";
import { VOPRF_SCALAR_BYTES } from "./voprf-suite.ts";

/**
 * The VOPRF of RFC 9497 with its key shared among several servers by {@link splitScalar}: each evaluates under its
 * share and proves it; any `threshold` answers give the output that one server with the whole key would give, because
 * evaluation is linear in the key.
 */
const Point = ristretto255.Point;

/** One server's answer whose proof holds; only {@link verifyPartialEvaluation} makes one. */
export interface PartialEvaluation {
  readonly index: number;
  readonly evaluatedElement: Uint8Array;
}

/** The public key that an evaluation under `share` is proved against: 32 bytes. */
export function voprfSharePublicKey(share: Uint8Array): Uint8Array {
  requireLength(share, VOPRF_SCALAR_BYTES, "share");
  return Point.BASE.multiply(Point.Fn.fromBytes(share)).toBytes();
}

/**
 * Checks one server's proof (RFC 9497 §2.2.2).
 *
 * @param index - Which share the server holds: from 1.
 * @param publicKey - Of its share, as known since the key was dealt.
 * @throws {@link ProofError} if the answer does not prove the use of that share.
 */
export function verifyPartialEvaluation(
  input: Uint8Array,
  blinded: VoprfBlinded,
  index: number,
  answer: { readonly evaluatedElement: Uint8Array; readonly proof: Uint8Array },
  publicKey: Uint8Array,
): PartialEvaluation {
  // Finalizing checks the proof; its output belongs to the share alone and is of no use.
  voprfFinalize(input, blinded, answer, publicKey);
  return { index, evaluatedElement: answer.evaluatedElement };
}

/**
 * Combines exactly `threshold` answers of different servers and takes the blind off.
 *
 * @returns 64 bytes that depend on `input` and the whole key only.
 * @throws RangeError if two answers have one index; {@link ProofError} if they cannot be combined.
 */
export function combineEvaluations(
  input: Uint8Array,
  { blind }: VoprfBlinded,
  evaluations: readonly PartialEvaluation[],
): Uint8Array {
  const weights = toWeights(evaluations.map(({ index }) => index));
  const whole = evaluations
    .map(({ evaluatedElement }, at) => Point.fromBytes(evaluatedElement).multiply(weights[at] ?? 0n))
    .reduce((sum, part) => sum.add(part), Point.ZERO);
  if (whole.is0()) throw new ProofError();
  return ristretto255_oprf.oprf.finalize(input, blind, whole.toBytes());
}

/** Deals a new random key: what each server keeps, and what the client knows each by. The whole key is forgotten. */
export function dealVoprfKey(
  threshold: number,
  count: number,
  random: Random,
): { readonly key: Uint8Array; readonly shares: readonly (ScalarShare & { readonly publicKey: Uint8Array })[] } {
  const { secret, shares } = splitScalar(undefined, threshold, count, random);
  return { key: secret, shares: shares.map((share) => ({ ...share, publicKey: voprfSharePublicKey(share.value) })) };
}

/** The output for `input` under the whole `key`, for who has just dealt it. @throws {@link KeyError} for a key of zero. */
export function voprfEvaluateWhole(input: Uint8Array, key: Uint8Array, random: Random): Uint8Array {
  requireLength(key, VOPRF_SCALAR_BYTES, "key");
  const scalar = Point.Fn.fromBytes(key);
  if (scalar === 0n) throw new KeyError();
  // Blinded as for servers: the verifiable mode hashes to other elements than the plain one (RFC 9497 §4).
  const { blind, blindedElement } = voprfBlind(input, random);
  return ristretto255_oprf.oprf.finalize(input, blind, Point.fromBytes(blindedElement).multiply(scalar).toBytes());
}
