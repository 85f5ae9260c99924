/** Refuses in committed files what belongs to one machine or one moment. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { committedFiles } from "./committed-files.ts";
import { reportFindings } from "./findings.ts";
import { root } from "./workspace.ts";

const FORBIDDEN: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: "a path of one machine", pattern: /(?<![\w.:/~-])\/(?:work|root|Users|home\/[a-z]+|tmp)\/[\w.]/ },
  { what: "a path of one machine", pattern: /\b[A-Z]:\\(?:Users|work)\\/ },
  { what: "the address of a package registry", pattern: /"resolved": "https?:|\bhttps?:\/\/[^\s"']*\bregistry\b/ },
  { what: "the mark of an unfinished merge", pattern: /^(?:<{7}|>{7}) / },
  { what: "a TODO without an issue's number", pattern: /\bTODO\b(?!\(#\d+\))/ },
];
/** Its patterns would find themselves. */
const SELF = "scripts/check-committed-text.ts";
const BINARY = /\.(png|ico|woff2|wasm|jpe?g|gz|br)$/;

const findings: string[] = [];
for (const file of committedFiles()) {
  if (file === SELF || file === "LICENSE" || BINARY.test(file) || file.startsWith("vectors/")) continue;
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  for (const [index, line] of lines.entries()) {
    for (const { what, pattern } of FORBIDDEN) {
      if (pattern.test(line)) findings.push(`${file}:${index + 1}: ${what}`);
    }
  }
}
reportFindings(findings);
