import type { Plugin } from "vite";

const KEPT_LOCALES = new Set(["en-US", "ar-AE"]);

/**
 * Leaves out what of React Aria this app cannot use: its texts in languages we do not have, and its scroll lock, which
 * injects a style element that our policy refuses (our page never scrolls as a whole).
 */
export function trimReactAria(): Plugin {
  return {
    name: "stonechat:trim-react-aria",
    enforce: "pre",
    load(id) {
      const path = id.split("?", 1)[0] ?? "";
      const locale =
        /\/(?:react-aria|react-stately|react-aria-components)\/.*\/intl\/.*\/([a-z]{2}-[A-Z]{2})\.m?js$/.exec(
          path,
        )?.[1];
      if (locale !== undefined && !KEPT_LOCALES.has(locale)) return "export default {};";
      return undefined;
    },
    transform(code, id) {
      if (!/\/overlays\/usePreventScroll\.m?js/.test(id)) return undefined;
      const name = /export \{(\S+) as usePreventScroll\}/.exec(code)?.[1];
      if (name === undefined)
        throw new Error("React Aria's usePreventScroll looks different: check build/trim-react-aria.ts");
      return { code: "export function usePreventScroll() {}\n", map: null };
    },
  };
}
