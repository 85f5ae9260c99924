const MOST = 3;

/** How many emoji a message of nothing but 1 to 3 emoji has, else 0. Such messages are drawn large. */
export function countLoneEmoji(text: string): number {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > 48) return 0;
  let count = 0;
  for (const { segment } of new Intl.Segmenter("en", { granularity: "grapheme" }).segment(trimmed)) {
    if (/^\s+$/u.test(segment)) continue;
    if (!/\p{Emoji_Presentation}|\p{Emoji}\uFE0F/u.test(segment)) return 0;
    count += 1;
  }
  return count <= MOST ? count : 0;
}
