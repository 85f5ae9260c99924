/** The public codes: the protocol's document lists exactly those that the types of the code allow. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { committedFiles } from "../committed-files.ts";
import { root } from "../workspace.ts";
import { readLines, tableCells } from "./markdown.ts";

const PACKAGES = ["protocol", "crypto", "core", "serving", "relay", "guard"];
/** Names of the types whose members are public codes. */
const CODE_TYPE = /(ErrorCode|ProblemCode|Refusal)$/;

/**
 * For each exported union of codes, `document` has a heading that names it in backticks, and under that a table with
 * one row a code, in backticks in the first column.
 * @returns a finding for each code that is missing in the document or unknown to the code
 */
export function checkErrorCodes(document: string): readonly string[] {
  if (!existsSync(join(root, document))) return [];
  const listed = listedCodes(document);
  return [...declaredCodes()].flatMap(([type, codes]) => {
    const rows = listed.get(type);
    if (rows === undefined) return [`${document}: no heading names \`${type}\`, with a table of its codes`];
    return [
      ...[...codes].filter((code) => !rows.has(code)).map((code) => `${document}: \`${type}\` lacks \`${code}\``),
      ...[...rows].filter((code) => !codes.has(code)).map((code) => `${document}: \`${type}\` has no \`${code}\``),
    ];
  });
}

function listedCodes(document: string): ReadonlyMap<string, ReadonlySet<string>> {
  const listed = new Map<string, Set<string>>();
  for (const { text, heading } of readLines(document)) {
    const code = /^`([a-z0-9-]+)`$/.exec(tableCells(text)?.[0] ?? "")?.[1];
    for (const [, type = ""] of heading.matchAll(/`(\w+)`/g)) {
      const codes = listed.get(type) ?? new Set();
      listed.set(type, code === undefined ? codes : codes.add(code));
    }
  }
  return listed;
}

/** The unions as the compiler sees them, so that it does not matter how they are written. */
function declaredCodes(): ReadonlyMap<string, ReadonlySet<string>> {
  const declared = new Map<string, ReadonlySet<string>>();
  const files = committedFiles(...PACKAGES.map((name) => `packages/${name}/src/*.ts`))
    .filter((file) => !file.endsWith(".test.ts"))
    .map((file) => join(root, file));
  const config = ts.readConfigFile(join(root, "tsconfig.json"), (path) => ts.sys.readFile(path)).config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  for (const source of program.getSourceFiles()) {
    if (!files.includes(source.fileName)) continue;
    for (const statement of source.statements) {
      if (!ts.isTypeAliasDeclaration(statement) || !CODE_TYPE.test(statement.name.text)) continue;
      if (!statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) continue;
      const type = checker.getTypeAtLocation(statement);
      const members = type.isUnion() ? type.types : [type];
      const codes = members.flatMap((member) => (member.isStringLiteral() ? [member.value] : []));
      if (codes.length > 0) declared.set(statement.name.text, new Set(codes));
    }
  }
  return declared;
}
