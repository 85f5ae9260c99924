import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";

const VOCABULARY = 30_000;

/**
 * Texts as a search index meets them: words of 2 to 9 letters, the n-th as frequent as 1/n (Zipf's law). The same seed
 * gives the same texts.
 */
export function createProse(seed: number): (bytes: number) => string {
  const random = createSeededFractions(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const letters = (length: number): string =>
    Array.from({ length }, () => String.fromCharCode(0x61 + below(26))).join("");
  const words = Array.from({ length: VOCABULARY }, () => letters(2 + below(8)));
  const word = (): string => words[Math.floor(VOCABULARY ** random()) - 1] ?? "";
  return (bytes) => {
    let text = word();
    while (text.length < bytes) text += ` ${word()}`;
    return text.slice(0, bytes);
  };
}
