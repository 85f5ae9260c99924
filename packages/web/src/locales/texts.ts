import { useSyncExternalStore } from "react";
import { setupI18n, type Messages } from "@lingui/core";
import type english from "./en.json";
import { keepLanguage, type Language } from "../platform/preferences.ts";

/** A text of `locales/en.json`; every other language has the same. */
export type TextId = keyof typeof english;
export type TextValues = Readonly<Record<string, string | number>>;

const i18n = setupI18n();
const listeners = new Set<() => void>();
let region = "en-GB";

/** The text in the chosen language. */
export function t(id: TextId, values?: TextValues): string {
  return i18n._(id, values);
}

/** The chosen language. */
export function language(): Language {
  return i18n.locale === "ar" ? "ar" : "en";
}

/** The chosen language as it is written where the user is, for `Intl`. */
export function regionalLocale(): string {
  return region;
}

/** The first of the browser's languages that is the chosen one with a region, e.g. `ar-EG`. */
export function chooseRegion(chosen: Language, wanted: readonly string[]): string {
  const found = wanted.find((tag) => tag.toLowerCase().startsWith(`${chosen}-`));
  return found ?? (chosen === "en" ? "en-GB" : chosen);
}

export function isRightToLeft(chosen: Language): boolean {
  return chosen === "ar";
}

/** Loads a language and draws everything in it. */
export async function activateLanguage(chosen: Language): Promise<void> {
  const messages = await loadMessages(chosen);
  region = chooseRegion(chosen, navigator.languages);
  i18n.loadAndActivate({ locale: chosen, locales: region, messages });
  document.documentElement.lang = chosen;
  document.documentElement.dir = isRightToLeft(chosen) ? "rtl" : "ltr";
  for (const listener of listeners) listener();
}

export async function switchLanguage(chosen: Language): Promise<void> {
  await activateLanguage(chosen);
  keepLanguage(chosen);
}

/** The root draws again when the language changes, and with it every text. */
export function useLanguage(): Language {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, language);
}

async function loadMessages(chosen: Language): Promise<Messages> {
  switch (chosen) {
    case "en":
      return (await import("./en.json")).default; // compiled by the build
    case "ar":
      return (await import("./ar.json")).default;
  }
}
