import { fc, test as property } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import { mayBeSecret } from "./may-be-secret.ts";

describe("what is tried as a secret", () => {
  property.prop([fc.integer({ min: 0, max: 999_999 })])("is every PIN of six digits", (number) => {
    expect(mayBeSecret("pin", String(number).padStart(6, "0"))).toBe(true);
  });

  test("is a PIN in Arabic digits, and one typed with spaces", () => {
    expect(mayBeSecret("pin", "٣٧٦٢٠٩")).toBe(true);
    expect(mayBeSecret("pin", " 376 209 ")).toBe(true);
  });

  test.each(["", "milk", "12345", "1234567", "12345a", "call 376209"])(
    "is not %j, which would cost a guess for nothing",
    (text) => {
      expect(mayBeSecret("pin", text)).toBe(false);
    },
  );

  test("is the shortest passphrase that a vault takes, and no word that one looks for in notes", () => {
    expect(mayBeSecret("passphrase", "abc def ghi jkl mno pqr")).toBe(true);
    expect(mayBeSecret("passphrase", "shopping list")).toBe(false);
  });
});
