import { describe, expect, test } from "vitest";
import { countLoneEmoji } from "./emoji-only.ts";
import { hueOf, initials } from "./initials.ts";

describe("initials", () => {
  test.each([
    ["Bea Martínez", "BM"],
    ["noor", "N"],
    ["Jean-Luc de la Tour", "JT"],
    ["", ""],
    ["🎉", ""],
    ["李 伟", "李伟"],
  ])("of %j are %j", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  test("of an Arabic name do not join", () => {
    expect(initials("عمر حداد")).toBe("ع\u200cح");
  });
});

test("an id always has the same colour, one of ten", () => {
  expect(hueOf("ab12")).toBe(hueOf("ab12"));
  const hues = new Set(Array.from({ length: 400 }, (_, index) => hueOf(index.toString(16).padStart(64, "0"))));
  expect([...hues].every((hue) => hue >= 0 && hue < 10)).toBe(true);
  expect(hues.size).toBe(10);
});

describe("countLoneEmoji", () => {
  test.each([
    ["🎉", 1],
    ["👍🏽 ❤️", 2],
    ["👨‍👩‍👧", 1],
    ["🎉🎉🎉🎉", 0],
    ["ok 🎉", 0],
    ["1", 0],
    ["", 0],
  ])("of %j is %i", (text, count) => {
    expect(countLoneEmoji(text)).toBe(count);
  });
});
