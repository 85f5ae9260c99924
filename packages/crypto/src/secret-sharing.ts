import { ristretto255 } from "@noble/curves/ed25519.js";
import { KeyError } from "./errors.ts";
import type { Random } from "./random.ts";
import { VOPRF_SCALAR_BYTES } from "./voprf-suite.ts";

/**
 * Shamir's secret sharing over the scalar field of ristretto255 (RFC 9496 §4.4): a polynomial of degree threshold - 1
 * whose value at 0 is the secret; share i is its value at i.
 */
const Fn = ristretto255.Point.Fn;
const WIDE_BYTES = 64;
const MAX_SHARES = 255;

/** One share: 32 bytes, a scalar. `index` counts from 1. */
export interface ScalarShare {
  readonly index: number;
  readonly value: Uint8Array;
}

/**
 * Splits `secret`, or a new random scalar, so that any `threshold` of `count` shares give it back and fewer say nothing.
 *
 * @throws RangeError unless 1 ≤ threshold ≤ count ≤ 255. @throws {@link KeyError} if `secret` is no scalar.
 */
export function splitScalar(
  secret: Uint8Array | undefined,
  threshold: number,
  count: number,
  random: Random,
): { readonly secret: Uint8Array; readonly shares: readonly ScalarShare[] } {
  if (!(threshold >= 1 && threshold <= count && count <= MAX_SHARES)) throw new RangeError("no such sharing");
  const constant = secret === undefined ? randomScalar(random) : toScalar(secret);
  const coefficients = [constant, ...Array.from({ length: threshold - 1 }, () => randomScalar(random))];
  const shares = Array.from({ length: count }, (_, at) => {
    const x = BigInt(at + 1);
    const value = coefficients.reduceRight((sum, coefficient) => Fn.add(Fn.mul(sum, x), coefficient), 0n);
    return { index: at + 1, value: Fn.toBytes(value) };
  });
  return { secret: Fn.toBytes(constant), shares };
}

/**
 * The secret from exactly `threshold` shares. Wrong shares give another scalar: check what it opens.
 *
 * @throws RangeError if two shares have one index. @throws {@link KeyError} if a share is no scalar.
 */
export function joinShares(shares: readonly ScalarShare[]): Uint8Array {
  const weights = toWeights(shares.map(({ index }) => index));
  return Fn.toBytes(shares.reduce((sum, { value }, at) => Fn.add(sum, Fn.mul(weights[at] ?? 0n, toScalar(value))), 0n));
}

/** Lagrange coefficients at 0 for these indexes. @throws RangeError if they are not all different and positive. */
export function toWeights(indexes: readonly number[]): readonly bigint[] {
  if (indexes.length === 0 || new Set(indexes).size !== indexes.length || indexes.some((index) => index < 1))
    throw new RangeError("shares must have different indexes");
  return indexes.map((own) => {
    let above = 1n;
    let below = 1n;
    for (const other of indexes) {
      if (other === own) continue;
      above = Fn.mul(above, BigInt(other));
      below = Fn.mul(below, Fn.create(BigInt(other) - BigInt(own)));
    }
    return Fn.mul(above, Fn.inv(below));
  });
}

function toScalar(bytes: Uint8Array): bigint {
  if (bytes.length !== VOPRF_SCALAR_BYTES) throw new KeyError();
  try {
    return Fn.fromBytes(bytes);
  } catch {
    // noble's errors quote the values; ours say only what failed.
    throw new KeyError();
  }
}

/** Uniform: 64 random bytes reduced leave no bias that could be seen. Never zero. */
function randomScalar(random: Random): bigint {
  for (;;) {
    const wide = random.bytes(WIDE_BYTES).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const scalar = Fn.create(wide);
    if (scalar !== 0n) return scalar;
  }
}
