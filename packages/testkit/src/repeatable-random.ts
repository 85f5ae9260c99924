import { createHash } from "node:crypto";
import type { Random } from "@stonechat/crypto";

/** Randomness that is the same at every run with the same seed: SHA-256 over seed and counter. */
export function repeatableRandom(seed: string | number): Random {
  let counter = 0;
  let rest = new Uint8Array(0);
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let offset = 0; offset < length;) {
        if (rest.length === 0) {
          rest = new Uint8Array(
            createHash("sha256")
              .update(`${String(seed)}:${String(counter)}`)
              .digest(),
          );
          counter += 1;
        }
        const piece = rest.subarray(0, length - offset);
        out.set(piece, offset);
        rest = rest.subarray(piece.length);
        offset += piece.length;
      }
      return out;
    },
  };
}
