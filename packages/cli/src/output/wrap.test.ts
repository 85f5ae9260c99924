import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { displayWidth, wrapLine } from "./wrap.ts";

const words = fc.string({ unit: fc.constantFrom("a", "b", " ", "日", "é", "👍"), maxLength: 80 });
const columns = fc.integer({ min: 20, max: 60 });

test.prop([words, columns])("no piece is wider than the terminal", (line, width) => {
  for (const piece of wrapLine(line, width, "  ")) expect(displayWidth(piece.trimEnd())).toBeLessThanOrEqual(width);
});

test.prop([words, columns])("nothing but spaces is lost", (line, width) => {
  const plain = (text: string): string => text.replaceAll(" ", "");
  expect(plain(wrapLine(line, width, "  ").join(""))).toBe(plain(line));
});

test.prop([words, columns])("every piece but the first is indented", (line, width) => {
  for (const piece of wrapLine(line, width, "  ").slice(1)) expect(piece.startsWith("  ")).toBe(true);
});

test("a line that fits is left alone", () => {
  expect(wrapLine("  one  two ", 20, "  ")).toEqual(["  one  two "]);
});

test("breaks at spaces, and inside a word only if it has to", () => {
  expect(wrapLine("the quick brown fox jumps", 12, "  ")).toEqual(["the quick", "  brown fox", "  jumps"]);
  expect(wrapLine("abcdefghijklmnopqrstuvwxyz", 20, "  ")).toEqual(["abcdefghijklmnopqrst", "  uvwxyz"]);
});

test("wide characters count twice", () => {
  expect(displayWidth("日本")).toBe(4);
  expect(displayWidth("👍")).toBe(2);
  expect(displayWidth("e\u0301")).toBe(1);
});
