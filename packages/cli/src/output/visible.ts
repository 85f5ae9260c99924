/**
 * Characters that a terminal obeys instead of showing, that reorder what stands around them, or that nobody can see:
 * C0 and C1 controls, DEL, bidirectional controls, line and paragraph separators, zero-width and filler characters,
 * interlinear annotation, tags, private use, surrogates and non-characters. ZWJ and ZWNJ stay: emoji and Persian need them.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff0-\uffff\p{Cs}\p{Co}\p{Noncharacter_Code_Point}\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** More combining marks on one character than any language writes: they would paint over the lines around. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Makes text from others safe to show on one line of a terminal: what is unsafe becomes a visible escape like `\u{202e}`.
 * The result holds no control character at all. A backslash of the text itself is left alone.
 */
export function visible(text: string): string {
  return text.replace(STACKED_MARKS, "$1").replace(UNSAFE, escapeOf);
}

/** The same for text of several lines: line feeds stay, a tab becomes spaces, a carriage return before a line feed goes. */
export function visibleLines(text: string): readonly string[] {
  return text.replaceAll("\r\n", "\n").replaceAll("\t", "    ").split("\n").map(visible);
}

/**
 * One JSON value on one line, for pipes that may end at a terminal: what {@link visible} would escape is written as
 * `\uXXXX`. Parsing gives back exactly the same value.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, (character) => {
    let escaped = "";
    for (let index = 0; index < character.length; index += 1) {
      escaped += `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`;
    }
    return escaped;
  });
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
