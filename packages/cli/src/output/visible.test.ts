import { fc, test } from "@fast-check/vitest";
import { expect } from "vitest";
import { jsonLine, visible, visibleLines } from "./visible.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom(
      "\u001b",
      "[",
      "2",
      "J",
      "\u009b",
      "\u202e",
      "\u2066",
      "\r",
      "\n",
      "\b",
      "\u200b",
      "\u{e0041}",
      "a",
      "\ud800",
      "\u0301",
    ),
  }),
);
const OBEYED =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{Cs}/u;

test.prop([anyText])("nothing that a terminal obeys is left", (text) => {
  expect(visible(text)).not.toMatch(OBEYED);
  for (const line of visibleLines(text)) expect(line).not.toMatch(OBEYED);
});

test.prop([anyText])("a JSON line holds nothing that a terminal obeys and parses to the same value", (text) => {
  const line = jsonLine({ type: "x", [text]: text });
  expect(line).not.toMatch(OBEYED);
  expect(JSON.parse(line)).toEqual({ type: "x", [text]: text });
});

test.prop([fc.string({ unit: "grapheme-ascii" })])("printable ASCII stays as it is", (text) => {
  expect(visible(text)).toBe(text);
});

test.each(["Grüße", "مرحبا", "日本語", "👩‍👩‍👧", "हिन्दी", "e\u0301", "می‌خواهم", "❤️"])("%s stays as it is", (text) => {
  expect(visible(text)).toBe(text);
});

test.each([
  ["\u001b[2J", "\\u{1b}[2J"],
  ["\u001b]0;title\u0007", "\\u{1b}]0;title\\u{7}"],
  ["\u009b31m", "\\u{9b}31m"],
  ["photo\u202egpj.exe", "photo\\u{202e}gpj.exe"],
  ["a\rb", "a\\u{d}b"],
  ["\u2066x\u2069", "\\u{2066}x\\u{2069}"],
])("%j is shown as %s", (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test("marks piled on one character are cut to four", () => {
  expect(visible(`a${"\u0301".repeat(50)}`)).toBe(`a${"\u0301".repeat(4)}`);
});
