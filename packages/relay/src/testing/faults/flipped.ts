import type { SeededFractions } from "@stonechat/testkit/seeded-fractions";
import type { DiskImage } from "./disk-model.ts";

/** The same folder with one bit turned, once for each stretch of each file; and where. */
export function* flipped(
  image: DiskImage,
  stretchBytes: number,
  random: SeededFractions,
): Generator<{ readonly image: DiskImage; readonly where: string }> {
  for (const [name, bytes] of image) {
    for (let from = 0; from < bytes.length; from += stretchBytes) {
      const at = from + Math.floor(random() * Math.min(stretchBytes, bytes.length - from));
      const bit = Math.floor(random() * 8);
      const rotten = new Uint8Array(bytes);
      rotten[at] = (rotten[at] ?? 0) ^ (1 << bit);
      yield { image: new Map([...image, [name, rotten]]), where: `${name} byte ${String(at)} bit ${String(bit)}` };
    }
  }
}
