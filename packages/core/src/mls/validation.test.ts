import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const ROW = /^\| (?<rule>V\d{1,2}) \|.*\| (?<files>[^|]+) \| (?<tests>[^|]+) \|$/u;
const rows = readFileSync(new URL("../../../../docs/VALIDATION.md", import.meta.url), "utf8")
  .split("\n").map((line) => ROW.exec(line)?.groups).filter((groups) => groups !== undefined);

const named = (cell: string | undefined): readonly string[] => [...(cell ?? "").matchAll(/`(?<name>[^`]+)`/gu)].map((match) => match[1] ?? "");
const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

describe("VALIDATION.md", () => {
  test("has the rules of this folder, each with one number", () => {
    expect(rows.length).toBeGreaterThan(50);
    expect(new Set(rows.map(({ rule }) => rule)).size).toBe(rows.length);
  });

  test.each(rows.map(({ rule, files, tests }) => [rule, files, tests] as const))("%s names files that are there, and in each test file a test with its number", (rule, files, tests) => {
    for (const name of named(files)) if (name !== "wire/") expect(read(name).length).toBeGreaterThan(0);
    expect(named(tests).length).toBeGreaterThan(0);
    for (const name of named(tests)) expect(read(name)).toMatch(new RegExp(`(test|each)\\("?[^\\n]*\\b${rule ?? ""}\\b`, "u"));
  });
});
