/**
 * Theme, language, whether there are notifications, whether there is a vault, and the look of a notepad: all that this
 * page keeps in localStorage. They are not content, they are needed before the vault is open, and they say nothing about
 * whom one talks to.
 */
export type Theme = "system" | "light" | "dark";
export type Language = "en" | "ar";

export const LANGUAGES: readonly Language[] = ["en", "ar"];
export const THEMES: readonly Theme[] = ["system", "light", "dark"];

const THEME_KEY = "stonechat.theme";
const LANGUAGE_KEY = "stonechat.language";
const NOTIFYING_KEY = "stonechat.notifications";
const VAULT_KEY = "stonechat.vault";
const COVER_KEY = "stonechat.look";

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

/** Whether a vault was made here. Where none is found any more, the browser threw it away. */
export function readVaultMark(): boolean {
  return read(VAULT_KEY) === "made";
}

export function keepVaultMark(made: boolean): void {
  if (made) keep(VAULT_KEY, "made");
  else forget(VAULT_KEY);
}

/** Whether the app looks like a notepad from outside. */
export function readCovered(): boolean {
  return read(COVER_KEY) === "notes";
}

export function keepCovered(covered: boolean): void {
  if (covered) keep(COVER_KEY, "notes");
  else forget(COVER_KEY);
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

function forget(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // Storage switched off: there is nothing to forget.
  }
}
