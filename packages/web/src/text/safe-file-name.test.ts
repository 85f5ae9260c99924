import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { safeFileName, visibleFileName } from "./safe-file-name.ts";

describe("safeFileName", () => {
  test.each([
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", "_.._etc_passwd"],
    ["C:\\Windows\\x.exe", "C__Windows_x.exe"],
    ["-rf", "rf"],
    [".bashrc", "bashrc"],
    ["", "file"],
    ["...", "file"],
    ["CON", "file_CON"],
    ["nul.txt", "file_nul.txt"],
    ["photo\u202egpj.exe", "photo_gpj.exe"],
    ["a\u0000b\nc", "a_b_c"],
    ["قائمة.pdf", "قائمة.pdf"],
  ])("makes %j into %j", (name, safe) => {
    expect(safeFileName(name)).toBe(safe);
  });

  test("keeps the ending of a name that is too long", () => {
    const safe = safeFileName(`${"x".repeat(300)}.tar.gz`);
    expect(safe).toHaveLength(120);
    expect(safe.endsWith(".gz")).toBe(true);
  });

  test.prop([fc.string({ unit: "binary", maxLength: 300 })])(
    "never gives a path, a hidden file or an option",
    (name) => {
      const safe = safeFileName(name);
      expect(safe).not.toMatch(/[/\\\p{Cc}\p{Cf}]/u);
      expect(safe).toMatch(/^[^.-]/);
      expect(safe.length).toBeLessThanOrEqual(130);
    },
  );
});

test("visibleFileName spells out what turns direction", () => {
  expect(visibleFileName("photo\u202egpj.exe")).toBe("photo[U+202E]gpj.exe");
});
