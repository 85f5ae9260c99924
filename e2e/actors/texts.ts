import { readFileSync } from "node:fs";
import { join } from "node:path";
import type english from "../../packages/web/src/locales/en.json";
import { root } from "./processes.ts";

/** The languages of the app. */
export type Language = "en" | "ar";
/** The app's texts, by which its controls are found. */
export type Texts = Readonly<Record<keyof typeof english, string>>;

const read = (language: Language): Texts =>
  JSON.parse(readFileSync(join(root, `packages/web/src/locales/${language}.json`), "utf8")) as Texts; // checked by the build

/** Every text of the app in both languages. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en: read("en"), ar: read("ar") };

/** A text of the app with its places filled in. */
export function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => values[name] ?? place);
}

/** A sentence by its words: marks of direction around a name do not matter. */
export function sentence(text: string): RegExp {
  return new RegExp(
    text
      .split(/\W+/)
      .filter((word) => word !== "")
      .join("\\W+"),
  );
}

/** A text that counts, with any count in it. */
export function anyCount(text: string): RegExp {
  const forms = [...text.matchAll(/\{([^{}]+)\}/g)].map(([, form = ""]) => form.replaceAll("#", "\\p{Nd}+"));
  return new RegExp(forms.join("|"), "u");
}
