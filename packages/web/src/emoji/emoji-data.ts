import source from "../locales/emoji.txt?raw";
import { parseEmoji, type Emoji } from "./parse-emoji.ts";

export type { Emoji } from "./parse-emoji.ts";

/** The emoji the picker offers, by group. */
export const EMOJI_GROUPS = parseEmoji(source);

/** Emoji whose name in any of our languages has a word that begins with `query`, or that `query` is. */
export function findEmoji(query: string): readonly Emoji[] {
  const wanted = query.trim().toLocaleLowerCase();
  return EMOJI_GROUPS.flatMap(({ emoji }) => emoji).filter(
    (one) => one.emoji === query.trim() || hasWord(one.en, wanted) || hasWord(one.ar, wanted),
  );
}

function hasWord(names: string, wanted: string): boolean {
  const text = names.toLocaleLowerCase();
  return text.startsWith(wanted) || text.includes(` ${wanted}`) || text.includes(` ال${wanted}`);
}
