import type { Language } from "../platform/preferences.ts";

/** Each language in its own words, so that everyone finds theirs. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", ar: "العربية" };
