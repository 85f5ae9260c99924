import { describe, expect, test } from "vitest";
import type { GuardsView } from "@stonechat/core/client-api";
import { oneIn, soleOperator, splitFingerprint } from "./protection.ts";

const guards = (...operators: readonly string[]): GuardsView => ({
  needed: 2,
  guards: operators.map((operator, index) => ({
    name: `guard ${String(index)}`,
    operator,
    url: `https://g${String(index)}.example`,
    fingerprint: "0011223344556677",
  })),
  guesses: 15,
  cheatersBorne: 0,
  lossesBorne: 1,
});

describe("what guards are worth", () => {
  test("thirteen guesses find an assigned PIN on one device in 76,923", () => {
    expect(oneIn(13)).toBe(76_923);
    expect(oneIn(10)).toBe(100_000);
  });

  test("three machines of one operator are one guard, however the name is written", () => {
    expect(soleOperator(guards("Clinic North", "clinic north ", "CLINIC NORTH"))).toBe("Clinic North");
    expect(soleOperator(guards("Clinic North"))).toBe("Clinic North");
    expect(soleOperator(guards("Clinic North", "Harbour", "Clinic North"))).toBeUndefined();
  });

  test("a fingerprint is read in groups of four", () => {
    expect(splitFingerprint("4f1e09a2c7d3b865")).toBe("4f1e 09a2 c7d3 b865");
  });
});
