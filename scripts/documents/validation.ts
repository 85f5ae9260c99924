/** The table of checks on incoming data: each names the code that makes it and a test that breaks exactly that rule. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../workspace.ts";
import { readLines, tableCells } from "./markdown.ts";

/** A row starts with its number: `V12`. */
const NUMBER = /^`?(V\d+)`?$/;
const PATH = /`([\w./-]+\.tsx?)`/g;
/** A test: the path of its file, then its title in quotes. */
const TEST = /`([\w./-]+\.test\.tsx?)`:?\s*["“]([^"”]+)["”]/g;

/** @returns a finding for each row that names a missing file, no test, or a test whose title is not in its file */
export function checkValidation(file: string): readonly string[] {
  const findings: string[] = [];
  const seen = new Set<string>();
  for (const { number: line, text } of readLines(file)) {
    const cells = tableCells(text);
    const number = NUMBER.exec(cells?.[0] ?? "")?.[1];
    if (number === undefined) continue;
    const report = (what: string) => findings.push(`${file}:${line}: ${number} ${what}`);
    if (seen.has(number)) report("stands twice");
    seen.add(number);
    for (const [, path = ""] of text.matchAll(PATH)) {
      if (!existsSync(join(root, path))) report(`names ${path}, which is not there`);
    }
    const tests = [...text.matchAll(TEST)];
    if (tests.length === 0) report('names no test (`path/x.test.ts` "title")');
    for (const [, path = "", title = ""] of tests) {
      if (!hasTest(path, title)) report(`names a test that is not in ${path}: ${title}`);
    }
  }
  if (existsSync(join(root, file)) && seen.size === 0) findings.push(`${file}: has no rows (| V1 | … |)`);
  return findings;
}

/** Whether the file holds the title as a whole string: `it("title"`, `test.prop([…])("title"`, `it.each(…)("title"`. */
function hasTest(path: string, title: string): boolean {
  const file = join(root, path);
  if (!existsSync(file)) return false;
  const source = readFileSync(file, "utf8").replaceAll(String.raw`\"`, '"');
  return ['"', "'", "`"].some((quote) => source.includes(`${quote}${title}${quote}`));
}
