import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "../workspace.ts";
import { checkErrorCodes } from "./error-codes.ts";
import { checkLinks } from "./links.ts";
import { checkValidation } from "./validation.ts";

const CACHE = ".cache";
const THIS = "scripts/documents/documents.test.ts";

let folder = "";

beforeEach(() => {
  mkdirSync(join(root, CACHE), { recursive: true });
  folder = mkdtempSync(join(root, CACHE, "documents-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("links to missing files and headings are found, others are not", () => {
  const file = write("a.md", ["# One & two", "[a](#one--two) [b](a.md#one--two) [c](https://example.org/x) `[d](e)`"]);
  const bad = write("b.md", ["[a](#three)", "[b](c.md)", '<img src="c.png">', "```", "[d](d.md)", "```"]);
  expect(checkLinks([file])).toEqual([]);
  expect(checkLinks([bad]).map((finding) => finding.split(": ")[1])).toEqual([
    "the link to #three leads nowhere",
    "the link to c.md leads nowhere",
    "the link to c.png leads nowhere",
  ]);
});

it("a missing and an invented error code are both found", () => {
  const file = write("p.md", ["## `WireErrorCode`", "| code | meaning |", "|---|---|", "| `invented` | no |"]);
  const findings = checkErrorCodes(file).filter((finding) => finding.includes("WireErrorCode"));
  expect(findings).toContain(`${file}: \`WireErrorCode\` has no \`invented\``);
  expect(findings).toContain(`${file}: \`WireErrorCode\` lacks \`truncated\``);
});

it("an error type without a heading is found", () => {
  const file = write("p.md", ["# Nothing"]);
  expect(checkErrorCodes(file)).toContain(`${file}: no heading names \`WireErrorCode\`, with a table of its codes`);
});

it("a row of validation that names an existing test passes", () => {
  const title = "a row of validation that names an existing test passes";
  const file = write("v.md", [`| V1 | rule | \`scripts/documents/validation.ts\` | \`${THIS}\` "${title}" |`]);
  expect(checkValidation(file)).toEqual([]);
});

it("rows of validation without a test, with a wrong title, a missing file or a repeated number are found", () => {
  const file = write("v.md", [
    "| V1 | rule | |",
    `| V2 | rule | \`${THIS}\` "${"no test has ".repeat(2)}this title" |`,
    `| V2 | rule | \`packages/nowhere.ts\` | \`${THIS}\` "an error type without a heading is found" |`,
  ]);
  const findings = checkValidation(file).map((finding) => finding.replace(`${file}:`, ""));
  expect(findings).toEqual([
    '1: V1 names no test (`path/x.test.ts` "title")',
    `2: V2 names a test that is not in ${THIS}: no test has no test has this title`,
    "3: V2 stands twice",
    "3: V2 names packages/nowhere.ts, which is not there",
  ]);
});

function write(name: string, lines: readonly string[]): string {
  writeFileSync(join(folder, name), lines.join("\n"));
  return posix.join(CACHE, folder.slice(join(root, CACHE).length + 1), name);
}
