/** Links between documents: the file is there, and so is the heading. Links into the web are not followed. */
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { root } from "../workspace.ts";
import { readLines } from "./markdown.ts";

const LINK = /\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)|(?:src|href)="([^"]+)"/g;
const ELSEWHERE = /^[a-z][a-z0-9+.-]*:/i;

/** @returns a finding for each link of these documents that leads nowhere */
export function checkLinks(files: readonly string[]): readonly string[] {
  return files.flatMap((file) =>
    readLines(file).flatMap((line) =>
      [...line.text.replaceAll(/`[^`]*`/g, "").matchAll(LINK)]
        .map((match) => match[1] ?? match[2] ?? "")
        .filter((target) => !ELSEWHERE.test(target) && !leadsSomewhere(file, target))
        .map((target) => `${file}:${line.number}: the link to ${target} leads nowhere`),
    ),
  );
}

function leadsSomewhere(from: string, target: string): boolean {
  const [path = "", anchor] = decodeURI(target).split("#", 2);
  const file = path === "" ? from : posix.join(dirname(from), path);
  if (file.startsWith("..") || !existsSync(join(root, file))) return false;
  return anchor === undefined || !file.endsWith(".md") || anchorsOf(file).has(anchor);
}

/** The anchors that a document's headings get: lower case, without punctuation, spaces as hyphens, repeats numbered. */
function anchorsOf(file: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const { text } of readLines(file)) {
    const heading = /^#+\s+(.*?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let repeat = 1; anchors.has(anchor); repeat += 1) anchor = `${slug}-${repeat}`;
    anchors.add(anchor);
  }
  return anchors;
}
