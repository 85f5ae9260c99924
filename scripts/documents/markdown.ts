/** Reading what the checks need of a Markdown file. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.ts";

/** A line outside code blocks, counted from 1, and the nearest heading above it. */
export type Line = { readonly number: number; readonly text: string; readonly heading: string };

/** The lines of a document outside its code blocks; none if there is no such document. */
export function readLines(file: string): readonly Line[] {
  const path = join(root, file);
  if (!existsSync(path)) return [];
  const lines: Line[] = [];
  let inCode = false;
  let heading = "";
  for (const [index, text] of readFileSync(path, "utf8").split("\n").entries()) {
    if (/^\s*(```|~~~)/.test(text)) {
      inCode = !inCode;
      continue;
    }
    if (inCode) continue;
    heading = /^#+\s+(.*)/.exec(text)?.[1] ?? heading;
    lines.push({ number: index + 1, text, heading });
  }
  return lines;
}

/** The cells of a table's row, trimmed; undefined if the line is none, or only separates the head from the body. */
export function tableCells(line: string): readonly string[] | undefined {
  if (!/^\s*\|.*\|\s*$/.test(line) || /^[\s|:-]+$/.test(line)) return undefined;
  return line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
}
