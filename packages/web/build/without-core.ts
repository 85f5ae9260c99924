import type { Plugin } from "vite";

/** For the fixtures build, which has no use for the core's worker: leaves it out. */
export function withoutCore(): Plugin {
  return {
    name: "stonechat:without-core",
    enforce: "pre",
    load(id) {
      return id.includes("/platform/core-worker.ts") ? 'export default "/no-core.js";' : undefined;
    },
  };
}
