/**
 * Theme, language and whether there are notifications: all that this page keeps in localStorage. They are not content,
 * they are needed before the core is open, and they say nothing about whom one talks to.
 */
export type Theme = "system" | "light" | "dark";
export type Language = "en" | "ar";

export const LANGUAGES: readonly Language[] = ["en", "ar"];
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const THEME_KEY = "stonechat.theme";
const LANGUAGE_KEY = "stonechat.language";
const NOTIFYING_KEY = "stonechat.notifications";

export function readTheme(): Theme {
  const kept = read(THEME_KEY);
  return THEMES.find((theme) => theme === kept) ?? "system";
}

export function keepTheme(theme: Theme): void {
  keep(THEME_KEY, theme);
}

/** What the user chose, else the first language of the browser that we have, else English. */
export function readLanguage(): Language {
  const kept = read(LANGUAGE_KEY);
  return LANGUAGES.find((language) => language === kept) ?? chooseLanguage(navigator.languages);
}

export function keepLanguage(language: Language): void {
  keep(LANGUAGE_KEY, language);
}

/** Whether the user turned notifications on. Kept for the device, so that all vaults on it behave the same. */
export function readNotifying(): boolean {
  return read(NOTIFYING_KEY) === "on";
}

export function keepNotifying(on: boolean): void {
  keep(NOTIFYING_KEY, on ? "on" : "off");
}

export function chooseLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split("-", 1)[0];
    const found = LANGUAGES.find((language) => language === primary);
    if (found !== undefined) return found;
  }
  return "en";
}

function read(key: string): string | undefined {
  try {
    return localStorage.getItem(key) ?? undefined;
  } catch {
    return undefined; // storage switched off: the defaults will do
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage switched off or full: the choice lasts until the page is closed.
  }
}
