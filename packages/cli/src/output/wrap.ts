const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}])/u;
const EMOJI_STYLE = /\ufe0f/u;
const NO_WIDTH = /^[\p{M}\u200c\u200d]+$/u;

/** The narrowest terminal that output is laid out for; below it lines are cut by the terminal itself. */
export const MIN_COLUMNS = 20;

/** Columns that a terminal uses for `text`, which holds no control characters. An estimate: terminals differ on emoji. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/**
 * Breaks one line at spaces so that no piece is wider than `columns`, and words that are wider anywhere.
 *
 * @param indent - Put before every piece but the first. Narrower than `columns`.
 * @returns At least one line. Joined without the indent, nothing but the spaces at breaks is missing.
 */
export function wrapLine(line: string, columns: number, indent = ""): readonly string[] {
  const lines: string[] = [];
  let current = "";
  let used = 0;
  const breakLine = (): void => {
    lines.push(current);
    current = indent;
    used = indent.length;
  };
  for (const word of line.split(/(?<= )(?=[^ ])/u)) {
    const width = displayWidth(word.trimEnd());
    if (used + width > columns && used > (lines.length === 0 ? 0 : indent.length)) {
      current = current.trimEnd();
      breakLine();
    }
    if (used + width <= columns) {
      current += word;
      used += displayWidth(word);
      continue;
    }
    for (const { segment } of graphemes.segment(word)) {
      const next = graphemeWidth(segment);
      if (used + next > columns && used > indent.length) breakLine();
      current += segment;
      used += next;
    }
  }
  lines.push(current);
  return lines;
}

function graphemeWidth(grapheme: string): number {
  if (NO_WIDTH.test(grapheme)) return 0;
  return WIDE.test(grapheme) || EMOJI_STYLE.test(grapheme) ? 2 : 1;
}
