import type { Random } from "@stonechat/crypto";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";

const POOL_BYTES = 2 ** 22;

let pool: Uint8Array | undefined;

/** Repeatable bytes, fast enough to fill containers with: pieces of one pool, from places that depend on the seed. */
export function quickRandom(seed: number): Random {
  const fraction = createSeededFractions(seed);
  const source = (pool ??= filled());
  return {
    bytes(length) {
      const from = Math.floor(fraction() * (source.length - length));
      return source.slice(from, from + length);
    },
  };
}

function filled(): Uint8Array {
  const fraction = createSeededFractions(1);
  return new Uint8Array(Uint32Array.from({ length: POOL_BYTES / 4 }, () => fraction() * 2 ** 32).buffer);
}
