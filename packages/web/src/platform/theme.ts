import type { Theme } from "./preferences.ts";

/** Puts a theme on the page; `system` follows the browser. */
export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
