import type { Plugin } from "vite";
import { compileMessage } from "@lingui/message-utils/compileMessage";

/** Turns the ICU texts of `locales/*.json` into Lingui's compiled form while building, so that no parser ships. */
export function compileLocales(): Plugin {
  return {
    name: "stonechat:compile-locales",
    enforce: "pre",
    transform(code, id) {
      if (!/\/src\/locales\/[a-z]+\.json$/.test(id)) return undefined;
      const texts = JSON.parse(code) as Record<string, string>;
      const compiled = Object.entries(texts).map(([key, text]) => [key, compileMessage(text)] as const);
      return { code: JSON.stringify(Object.fromEntries(compiled)), map: null };
    },
  };
}
