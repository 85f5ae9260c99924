import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { findLinks } from "./find-links.ts";

const hrefs = (text: string): readonly string[] =>
  findLinks(text).flatMap((part) => (part.type === "link" ? [part.href] : []));

describe("findLinks", () => {
  test("makes http, https and mailto addresses into links", () => {
    expect(hrefs("see https://a.example/x?y=1#z and http://b.example, or mailto:me@c.example.")).toEqual([
      "https://a.example/x?y=1#z",
      "http://b.example/",
      "mailto:me@c.example",
    ]);
  });

  test("takes an address that begins with www for https", () => {
    expect(hrefs("www.example.org/a")).toEqual(["https://www.example.org/a"]);
  });

  test.each([
    "javascript:alert(1)",
    "data:text/html,<b>x</b>",
    "file:///etc/passwd",
    "intent://x#Intent;end",
    "vbscript:x",
    "blob:https://a.example/1",
    "ftp://a.example/",
    "https://user:secret@evil.example/",
    "https://bank.example@evil.example/",
    "https://",
    "http:///x",
    "https://nodots",
    "mailto:nobody",
  ])("leaves %s as text", (text) => {
    expect(hrefs(text)).toEqual([]);
  });

  test("leaves the punctuation of the sentence outside", () => {
    expect(hrefs("(https://a.example/b).")).toEqual(["https://a.example/b"]);
    expect(hrefs("https://a.example/b_(c), and")).toEqual(["https://a.example/b_(c)"]);
    expect(hrefs("هل رأيت https://a.example/b؟")).toEqual(["https://a.example/b"]);
  });

  test("ends a link where a character turns the direction of text", () => {
    expect(hrefs("https://a.example/\u202egpj.exe")).toEqual(["https://a.example/"]);
  });

  test("does not make an endless address into a link", () => {
    expect(hrefs(`https://a.example/${"x".repeat(3_000)}`)).toEqual([]);
  });

  test.prop([fc.string({ unit: "grapheme", maxLength: 400 })])("keeps every character, in order", (text) => {
    expect(
      findLinks(text)
        .map((part) => part.text)
        .join(""),
    ).toBe(text);
  });

  test.prop([fc.constantFrom("https://", "www.", "mailto:", "((((", "....", "https://a.")])(
    "looks at 64 KiB of hostile text in no more than some milliseconds",
    (unit) => {
      const text = unit.repeat(Math.ceil(65_536 / unit.length));
      const start = process.cpuUsage();
      findLinks(text);
      expect(process.cpuUsage(start).user).toBeLessThan(500_000);
    },
  );
});
