import { hash } from "node:crypto";
import type { Random } from "@stonechat/crypto";

/** Randomness that is the same at every run with the same seed: SHA-256 over seed and counter. */
export function repeatableRandom(seed: string | number): Random {
  let counter = 0;
  let piece = new Uint8Array(0);
  let used = 0;
  return {
    bytes(length) {
      const out = new Uint8Array(length);
      for (let offset = 0; offset < length;) {
        if (used === piece.length) {
          piece = hash("sha256", `${String(seed)}:${String(counter)}`, "buffer");
          used = 0;
          counter += 1;
        }
        const taken = Math.min(piece.length - used, length - offset);
        out.set(taken === piece.length ? piece : piece.subarray(used, used + taken), offset);
        used += taken;
        offset += taken;
      }
      return out;
    },
  };
}
