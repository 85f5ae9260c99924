/** Letters that tell any two words of the list apart. */
const LETTERS = 4;
const MOST_SUGGESTIONS = 4;

/** One word as it was typed. `typing`: the last one, which may still become a word of the list. */
export interface TypedWord {
  readonly text: string;
  readonly state: "known" | "typing" | "unknown";
}

/** What was typed of a list of words, and what the last one could become. */
export interface TypedWords {
  readonly words: readonly TypedWord[];
  readonly suggestions: readonly string[];
  /** How many of them are words of the list. */
  readonly known: number;
}

/** Reads words as they are typed: in any case, with any signs and numbers between them, or only four letters of each. */
export function readWords(text: string, list: readonly string[]): TypedWords {
  const typed = text.toLowerCase().match(/[a-z]+/g) ?? [];
  const open = /[a-z]$/i.test(text);
  const words = typed.map((word, index): TypedWord => {
    if (isKnown(word, list)) return { text: word, state: "known" };
    const last = open && index === typed.length - 1;
    return { text: word, state: last && list.some((one) => one.startsWith(word)) ? "typing" : "unknown" };
  });
  const last = open ? words.at(-1) : undefined;
  return { words, suggestions: suggest(last, list), known: words.filter(({ state }) => state === "known").length };
}

/** `text` with its last word completed, and a space for the next one. */
export function completeWord(text: string, word: string): string {
  return `${text.replace(/[a-z]+$/i, "")}${word} `;
}

/** Two places of `words` to ask for, to see whether they were written down; the same two each time they are asked. */
export function placesToAsk(words: readonly string[]): readonly [number, number] {
  const sum = [...words.join("")].reduce((all, letter) => all + (letter.codePointAt(0) ?? 0), 0);
  const first = sum % words.length;
  const second = (first + 1 + (Math.floor(sum / words.length) % (words.length - 1))) % words.length;
  return first < second ? [first, second] : [second, first];
}

/** Whether `typed` stands for `word`: in any case, and its first four letters are enough. */
export function isSameWord(typed: string, word: string): boolean {
  const text = typed.trim().toLowerCase();
  return text === word || (text.length === LETTERS && word.startsWith(text));
}

function isKnown(word: string, list: readonly string[]): boolean {
  return list.some((one) => isSameWord(word, one));
}

function suggest(last: TypedWord | undefined, list: readonly string[]): readonly string[] {
  if (last === undefined || last.text.length < 2) return [];
  const found = list.filter((one) => one.startsWith(last.text) && one !== last.text);
  return found.slice(0, MOST_SUGGESTIONS);
}
