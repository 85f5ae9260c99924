import { fc, test } from "@fast-check/vitest";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect } from "vitest";
import { WORDS } from "../../words/word-list.ts";
import { isCommonPin } from "./common-pins.ts";
import { judgeSecret, normaliseSecret, proposePassphrase, proposePin } from "./judge-secret.ts";

test.each([
  ["000000", "one digit"],
  ["121212", "a pair repeated"],
  ["123123", "a half repeated"],
  ["112233", "three pairs"],
  ["777888", "two triples"],
  ["123456", "a run"],
  ["987654", "a run backwards"],
  ["135790", "every other digit"],
  ["102030", "steps of ten"],
  ["123789", "two runs"],
  ["123321", "its own mirror"],
  ["311299", "the last day of 1999"],
  ["123199", "the same, month first"],
  ["991231", "the same, year first"],
  ["199912", "a month of 1999"],
  ["121999", "the same, month first"],
  ["199999", "almost one digit"],
  ["147258", "two columns"],
  ["159357", "both diagonals"],
  ["236987", "a walk around the keys"],
  ["142536", "a zigzag"],
  ["314159", "pi"],
])("%s is common: %s", (pin) => {
  expect(judgeSecret("pin", pin)).toBe("common");
});

test("of a million PINs at least four fifths can be chosen", () => {
  // Every 37th: prime to all the patterns there are.
  const some = Array.from({ length: 27_027 }, (_, at) => String(at * 37).padStart(6, "0"));
  const common = some.filter(isCommonPin).length / some.length;
  expect(common).toBeGreaterThan(0.05);
  expect(common).toBeLessThan(0.2);
});

test("what is no PIN of six digits is told apart", () => {
  expect(judgeSecret("pin", "48291")).toBe("too-short");
  expect(judgeSecret("pin", "4829130")).toBe("too-long");
  expect(judgeSecret("pin", "48291a")).toBe("not-digits");
  expect(judgeSecret("pin", "482913")).toBe("good");
});

test.each(["482913", "٤٨٢٩١٣", "۴۸۲۹۱۳", "४८२९१३", "４８２９１３", " 482 913 "])(
  "%s is the same PIN on any keyboard",
  (typed) => {
    expect(normaliseSecret("pin", typed)).toBe("482913");
  },
);

test.prop([fc.nat()], { numRuns: 200 })("what is proposed is good, and six words of the list", (seed) => {
  const random = repeatableRandom(seed);
  expect(judgeSecret("pin", proposePin(random))).toBe("good");
  const passphrase = proposePassphrase(random);
  expect(judgeSecret("passphrase", passphrase)).toBe("good");
  for (const word of passphrase.split(" ")) expect(WORDS).toContain(word);
  expect(passphrase.split(" ")).toHaveLength(6);
});

test.each([
  ["correct horse battery staple", "good"],
  ["one two three", "too-short"],
  ["the the the the the the", "common"],
  ["aaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "common"],
  ["a b c d e f", "too-short"],
  ["x".repeat(1025), "too-long"],
  ["Drei Äpfel liegen unter dem Baum", "good"],
  ["kX9#vQ2!mL7@pR4$wT8%zN5&", "good"],
] as const)("%s as a passphrase is %s", (passphrase, judgement) => {
  expect(judgeSecret("passphrase", passphrase)).toBe(judgement);
});
