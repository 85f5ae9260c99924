import { describe, expect, test } from "vitest";
import { decodePunycode } from "./decode-punycode.ts";
import { showHost } from "./show-host.ts";

describe("decodePunycode", () => {
  // RFC 3492 §7.1 (A), (B), (L).
  test.each([
    ["egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟"],
    ["ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
    ["3B-ww4c5e180e575a65lsy2b", "3年B組金八先生"],
  ])("decodes the RFC's sample %s", (encoded, decoded) => {
    expect(decodePunycode(encoded)).toBe(decoded);
  });

  test("refuses what is not punycode", () => {
    expect(decodePunycode("%%%")).toBeUndefined();
    expect(decodePunycode("zzzzzzzzzzzzzzzzzzzz")).toBeUndefined();
  });
});

describe("showHost", () => {
  test.each([
    ["https://example.org/a", "example.org"],
    ["https://example.org:8443/a", "example.org:8443"],
    ["https://bücher.example/", "bücher.example"],
    ["https://例え.jp/", "例え.jp"],
    ["https://مثال.example/", "مثال.example"],
    ["mailto:me@example.org", "me@example.org"],
  ])("shows %s as %s", (href, shown) => {
    expect(showHost(href)).toBe(shown);
  });

  test("shows a host that mixes scripts in its ASCII form", () => {
    expect(showHost("https://pаypal.example/")).toMatch(/^xn--/); // the second letter is Cyrillic
  });

  test("shows a host wholly of letters that pass for Latin in its ASCII form", () => {
    expect(showHost("https://аррӏе.example/")).toMatch(/^xn--/);
  });
});
