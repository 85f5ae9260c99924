import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { MAX_NAME_BYTES, numberedName, safeName } from "./safe-name.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(".", "/", "\\", "-", " ", "\u202e", "\u0000", "a", "CON", "nul", ":", "日", "~") }),
);

describe("a safe name", () => {
  test.prop([hostile])("stays inside its folder and fits a file system", (name) => {
    const safe = safeName(name);
    expect(safe).not.toMatch(/[/\\:<>"|?*]/);
    expect(safe).not.toMatch(/^[.\-~\s]|[.\s]$/);
    expect(safe).not.toMatch(/\p{C}/u);
    expect(safe.length).toBeGreaterThan(0);
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(MAX_NAME_BYTES + 1);
  });

  test.prop([hostile])("stays as it is", (name) => {
    const safe = safeName(name);
    expect(safeName(safe)).toBe(safe);
  });

  test.each([
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd", "passwd"],
    ["C:\\Windows\\system32\\cmd.exe", "cmd.exe"],
    ["/", "file"],
    ["..", "file"],
    ["", "file"],
    [".bashrc", "bashrc"],
    ["-rf", "rf"],
    ["--help.txt", "help.txt"],
    ["con", "_con"],
    ["NUL.txt", "_NUL.txt"],
    ["com1.tar.gz", "_com1.tar.gz"],
    ["a\u202egpj.exe", "a_gpj.exe"],
    ["new\nline", "new_line"],
    ["what?.txt", "what_.txt"],
    ["trailing. . .", "trailing"],
    ["Übersicht 2026.txt", "Übersicht 2026.txt"],
  ])("%j becomes %j", (name, safe) => {
    expect(safeName(name)).toBe(safe);
  });

  test("keeps its ending when it is cut", () => {
    expect(safeName(`${"x".repeat(500)}.jpg`)).toBe(`${"x".repeat(MAX_NAME_BYTES - 4)}.jpg`);
  });

  test("takes a number before its ending", () => {
    expect(numberedName("photo.jpg", 2)).toBe("photo-2.jpg");
    expect(numberedName("photo", 3)).toBe("photo-3");
  });
});
