import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compileMessage } from "@lingui/message-utils/compileMessage";
import { setupI18n } from "@lingui/core";
import { describe, expect, test } from "vitest";
import { parseEmoji } from "../emoji/parse-emoji.ts";
import { chooseLanguage, LANGUAGES } from "../platform/preferences.ts";
import { chooseRegion } from "./texts.ts";
import arabic from "./ar.json";
import english from "./en.json";

const source = resolve(import.meta.dirname, "..");
const texts: Readonly<Record<string, Readonly<Record<string, string>>>> = { en: english, ar: arabic };
const ids = Object.keys(english);

/** All of the app's own code but its tests. */
const code = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !name.includes(".test.") && !name.startsWith("fixtures"))
  .map((name) => readFileSync(join(source, name), "utf8"))
  .join("\n");
const literals = new Set([...code.matchAll(/"([a-z]+(?:[.-][a-zA-Z-]+)+)"/g)].map(([, id]) => id));
/** Ids put together at run time, as patterns: `state.${state}` becomes `state.` + anything. */
const patterns = [...code.matchAll(/t\(\s*`([^`]+)`/g)].map(
  ([, template]) => new RegExp(`^${(template ?? "").replaceAll(".", "\\.").replaceAll(/\$\{[^}]+\}/g, ".+")}$`),
);

const argumentsOf = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/\{\s*([a-zA-Z]+)\s*[,}]/g)].map(([, name]) => name ?? ""))].sort();

describe("texts", () => {
  test.each(LANGUAGES)("%s has exactly the ids of English, none of them empty", (language) => {
    expect(Object.keys(texts[language] ?? {})).toEqual(ids);
    expect(Object.entries(texts[language] ?? {}).filter(([, text]) => text.trim() === "")).toEqual([]);
  });

  test("none is unused", () => {
    expect(ids.filter((id) => !literals.has(id) && !patterns.some((pattern) => pattern.test(id)))).toEqual([]);
  });

  test.each(ids)("%s takes the same values in each language", (id) => {
    const wanted = argumentsOf(english[id as keyof typeof english]);
    for (const language of LANGUAGES) expect(argumentsOf(texts[language]?.[id] ?? "")).toEqual(wanted);
  });

  test("plurals have all forms that their language has", () => {
    for (const language of LANGUAGES) {
      const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      for (const [id, text] of Object.entries(texts[language] ?? {})) {
        if (!text.includes(", plural,")) continue;
        for (const form of forms) expect(text, `${language} ${id}`).toContain(`${form} {`);
      }
    }
  });

  test("Arabic counts as Arabic counts", () => {
    const i18n = setupI18n();
    i18n.loadAndActivate({
      locale: "ar",
      locales: "ar-EG",
      messages: { n: compileMessage(arabic["conversation.members"]) },
    });
    const count = (value: number): string => i18n._("n", { count: value });
    expect([count(1), count(2), count(3), count(11), count(100)]).toEqual([
      "عضو واحد",
      "عضوان",
      "٣ أعضاء",
      "١١ عضوًا",
      "١٠٠ عضو",
    ]);
  });
});

test("every emoji of the picker is there once, under both of its names", () => {
  const groups = parseEmoji(readFileSync(join(source, "locales/emoji.txt"), "utf8"));
  const all = groups.flatMap(({ emoji }) => emoji.map((one) => one.emoji));
  expect(groups).toHaveLength(6);
  expect(new Set(all).size).toBe(all.length);
});

describe("the language at the start", () => {
  test("is the first of the browser's that we have", () => {
    expect(chooseLanguage(["fr-FR", "ar-EG", "en"])).toBe("ar");
    expect(chooseLanguage(["fr"])).toBe("en");
    expect(chooseLanguage(["arn"])).toBe("en"); // Mapudungun, not Arabic
  });

  test("is written as in the browser's region", () => {
    expect(chooseRegion("ar", ["en-US", "ar-EG"])).toBe("ar-EG");
    expect(chooseRegion("en", ["ar-EG"])).toBe("en-GB");
  });
});
