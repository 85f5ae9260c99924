import { expect, test } from "vitest";
import { judgeAtCover } from "./at-cover.ts";

test("the vault's own secret uncovers it", () => {
  for (const mode of ["pin", "passphrase"] as const) expect(judgeAtCover(true, mode, false, 2)).toBe("uncover");
});

test("any other PIN locks at once and is tried there: a duress PIN is told from a wrong one by what it opens alone", () => {
  expect(judgeAtCover(false, "pin", false, 0)).toBe("pass-on");
});

test("a PIN that is not the real vault's is not tried while its owner visits the decoy", () => {
  expect(judgeAtCover(false, "pin", true, 0)).toBe("lock");
});

test("the third wrong passphrase in a row locks", () => {
  expect([0, 1, 2].map((before) => judgeAtCover(false, "passphrase", false, before))).toEqual([
    "again",
    "again",
    "lock",
  ]);
});
