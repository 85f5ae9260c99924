import { fc, test } from "@fast-check/vitest";
import { initCrypto, sha256 } from "@stonechat/crypto";
import { toHex } from "@stonechat/protocol";
import { beforeAll, expect } from "vitest";
import { parseWords, toWords } from "./word-code.ts";
import { WORD_COUNT, WORDS } from "./word-list.ts";

beforeAll(initCrypto);

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
const short = fc.uint8Array({ minLength: 16, maxLength: 16 });

test("the list holds 2048 words of small letters in order, no two with the same four letters", () => {
  expect(WORDS.length).toBe(WORD_COUNT);
  expect(new Set(WORDS.map((word) => word.slice(0, 4))).size).toBe(WORD_COUNT);
  expect(WORDS.filter((word) => !/^[a-z]{3,9}$/.test(word))).toEqual([]);
  expect([...WORDS].sort()).toEqual(WORDS);
});

test("the list is the one that papers in use were printed with", () => {
  expect(toHex(sha256(new TextEncoder().encode(WORDS.join(" "))))).toBe(
    "ef164b10fb9e451a534e17f48eff92f63a196d2704564769ec0b6d8285fb534e",
  );
});

test.prop([seeds])("32 bytes come back from 25 words", (seed) => {
  expect(parseWords(toWords(seed, 25).join(" "), 25, 32)).toEqual(seed);
});

test.prop([short])("16 bytes come back from 12 words, typed in capitals with commas", (secret) => {
  expect(parseWords(toWords(secret, 12).join(", ").toUpperCase(), 12, 16)).toEqual(secret);
});

test.prop([seeds])("four letters of each word are enough", (seed) => {
  const letters = toWords(seed, 25).map((word) => word.slice(0, 4));
  expect(parseWords(letters.join("\n"), 25, 32)).toEqual(seed);
});

test.prop([seeds, fc.nat(24), fc.nat(WORD_COUNT - 1)], { numRuns: 300, seed: 25 })(
  "one wrong word in 25 is found out",
  (seed, at, place) => {
    const words = [...toWords(seed, 25)];
    fc.pre(words[at] !== WORDS[place]);
    words[at] = WORDS[place] ?? "";
    expect(parseWords(words.join(" "), 25, 32)).toBeUndefined();
  },
);

test.prop([seeds, fc.nat(23)], { seed: 25 })("two words that changed places are found out", (seed, at) => {
  const words = [...toWords(seed, 25)];
  fc.pre(words[at] !== words[at + 1]);
  [words[at], words[at + 1]] = [words[at + 1] ?? "", words[at] ?? ""];
  expect(parseWords(words.join(" "), 25, 32)).toBeUndefined();
});

test("a word too few, too many, unknown, or with another ending is refused", () => {
  const words = toWords(new Uint8Array(32).fill(7), 25);
  const refused = [
    words.slice(1),
    [...words, words[0]],
    ["xylem", ...words.slice(1)],
    [`${words[0] ?? ""}s`, ...words.slice(1)],
  ];
  for (const typed of refused) expect(parseWords(typed.join(" "), 25, 32)).toBeUndefined();
});
