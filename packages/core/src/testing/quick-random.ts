import type { Random } from "@stonechat/crypto";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";

/** Repeatable bytes, fast enough to fill containers with. */
export function quickRandom(seed: number): Random {
  const fraction = createSeededFractions(seed);
  return {
    bytes(length) {
      const words = Uint32Array.from({ length: Math.ceil(length / 4) }, () => fraction() * 2 ** 32);
      return new Uint8Array(words.buffer, 0, length);
    },
  };
}
