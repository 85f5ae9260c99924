import type { Plugin } from "vite";

const ORDER = "@layer tokens,base,components;";

/** Puts the order of the cascade layers before every style sheet, because chunks may be loaded in any order. */
export function orderLayers(): Plugin {
  return {
    name: "stonechat:order-layers",
    apply: "build",
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type === "asset" && file.fileName.endsWith(".css")) file.source = `${ORDER}${String(file.source)}`;
      }
    },
  };
}
