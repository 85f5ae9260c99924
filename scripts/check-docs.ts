/** Checks that the documents are there and hold: their links, their lists of error codes, their rows of validation. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { committedFiles } from "./committed-files.ts";
import { checkErrorCodes } from "./documents/error-codes.ts";
import { checkLinks } from "./documents/links.ts";
import { checkValidation } from "./documents/validation.ts";
import { reportFindings } from "./findings.ts";
import { root } from "./workspace.ts";

const REQUIRED = [
  "README.md",
  "ARCHITECTURE.md",
  "SECURITY.md",
  "CONTRIBUTING.md",
  "LICENSE",
  "docs/PROTOCOL.md",
  "docs/THREAT-MODEL.md",
  "docs/VALIDATION.md",
  "docs/OPERATING.md",
  "docs/CLI.md",
  "docs/DEPENDENCIES.md",
];

reportFindings([
  ...REQUIRED.filter((file) => !existsSync(join(root, file))).map((file) => `${file}: is missing`),
  ...checkLinks(committedFiles("*.md")),
  ...checkErrorCodes("docs/PROTOCOL.md"),
  ...checkValidation("docs/VALIDATION.md"),
]);
