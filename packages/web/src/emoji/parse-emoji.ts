/** One emoji and its names. */
export interface Emoji {
  readonly emoji: string;
  readonly en: string;
  readonly ar: string;
}

export const EMOJI_GROUP_NAMES = ["smileys", "people", "nature", "food", "things", "signs"] as const;
export type EmojiGroupName = (typeof EMOJI_GROUP_NAMES)[number];

export interface EmojiGroup {
  readonly name: EmojiGroupName;
  readonly emoji: readonly Emoji[];
}

/**
 * Reads `locales/emoji.txt`: `# group`, then a line an emoji: `EMOJI english names | arabic names`.
 *
 * @throws RangeError on a line of another form.
 */
export function parseEmoji(source: string): readonly EmojiGroup[] {
  const groups: { name: EmojiGroupName; emoji: Emoji[] }[] = [];
  for (const line of source.split("\n")) {
    if (line === "") continue;
    const heading = EMOJI_GROUP_NAMES.find((name) => line === `# ${name}`);
    if (heading !== undefined) {
      groups.push({ name: heading, emoji: [] });
      continue;
    }
    const parts = /^(\S+) ([^|]+) \| (.+)$/u.exec(line);
    const [, emoji, en, ar] = parts ?? [];
    if (emoji === undefined || en === undefined || ar === undefined)
      throw new RangeError("emoji.txt: a line of another form");
    groups.at(-1)?.emoji.push({ emoji, en, ar });
  }
  return groups;
}
