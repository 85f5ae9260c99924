const HUES = 10;

/** One or two letters that stand for a name in its avatar; empty if it has no letter or digit. */
export function initials(name: string): string {
  const words = name.split(/[\s\p{P}]+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const first = firstCharacter(words[0]);
  const last = words.length > 1 ? firstCharacter(words.at(-1)) : "";
  // Letters of scripts that join would join: a space that takes no room keeps them apart.
  return /\p{Script=Arabic}/u.test(first)
    ? [first, last].filter(Boolean).join("\u200c")
    : `${first}${last}`.toLocaleUpperCase();
}

/** Which of the avatar colours an id has: the same on every device, 0 to 9. */
export function hueOf(id: string): number {
  let sum = 0;
  for (let i = 0; i < id.length; i += 1) sum = (sum * 31 + id.charCodeAt(i)) >>> 0;
  return sum % HUES;
}

function firstCharacter(word: string | undefined): string {
  if (word === undefined) return "";
  const [segment] = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word);
  return segment?.segment ?? "";
}
