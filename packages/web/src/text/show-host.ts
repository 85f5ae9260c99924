import { decodePunycode } from "./decode-punycode.ts";

const SCRIPTS = [
  ["Latin", /\p{Script=Latin}/u],
  ["Cyrillic", /\p{Script=Cyrillic}/u],
  ["Greek", /\p{Script=Greek}/u],
  ["Arabic", /\p{Script=Arabic}/u],
  ["Hebrew", /\p{Script=Hebrew}/u],
  ["Han", /\p{Script=Han}/u],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["Hangul", /\p{Script=Hangul}/u],
  ["Thai", /\p{Script=Thai}/u],
  ["Devanagari", /\p{Script=Devanagari}/u],
  ["Armenian", /\p{Script=Armenian}/u],
  ["Georgian", /\p{Script=Georgian}/u],
] as const;
/** Scripts that ordinary words mix. */
const JAPANESE = new Set(["Latin", "Han", "Kana"]);
const KOREAN = new Set(["Latin", "Han", "Hangul"]);
/** Whole words of these can look Latin (`аррӏе`), so a host in them is always shown in ASCII. */
const LATIN_LOOKALIKE = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u;
const UNSAFE = /[^\p{L}\p{M}\p{N}.-]/u;

/** Which known scripts `text` uses; letters of others are `Other`. */
export function scriptsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const char of text) {
    if (!/\p{L}/u.test(char)) continue;
    found.add(SCRIPTS.find(([, pattern]) => pattern.test(char))?.[0] ?? "Other");
  }
  return found;
}

/**
 * The host of a link as a person may safely read it: Unicode when each label keeps to one script that cannot pass for
 * Latin, else the ASCII form (`xn--…`).
 */
export function showHost(href: string): string {
  const url = new URL(href);
  if (url.protocol === "mailto:") return url.pathname;
  const labels = url.hostname.split(".").map(showLabel);
  return url.port === "" ? labels.join(".") : `${labels.join(".")}:${url.port}`;
}

function showLabel(ascii: string): string {
  if (!ascii.startsWith("xn--")) return ascii;
  const label = decodePunycode(ascii.slice("xn--".length));
  if (label === undefined || UNSAFE.test(label) || LATIN_LOOKALIKE.test(label)) return ascii;
  const scripts = scriptsOf(label);
  const plain = scripts.size <= 1 || [JAPANESE, KOREAN].some((mix) => [...scripts].every((script) => mix.has(script)));
  return plain ? label : ascii;
}
