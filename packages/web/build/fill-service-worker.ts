import { createHash } from "node:crypto";
import type { Plugin } from "vite";

const PLACEHOLDER = "__STONECHAT_SHELL__";

/** Puts the list of the app shell's files, and a version made of it, into the service worker. */
export function fillServiceWorker(): Plugin {
  return {
    name: "stonechat:fill-service-worker",
    apply: "build",
    enforce: "post",
    generateBundle: {
      order: "post",
      handler(_options, bundle) {
        const worker = bundle["service-worker.js"];
        if (worker?.type !== "chunk") return;
        const files = Object.keys(bundle)
          .filter((name) => name.startsWith("assets/"))
          .sort();
        const version = createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 16);
        worker.code = worker.code
          .replace(`"${PLACEHOLDER}"`, JSON.stringify(JSON.stringify({ version, files })))
          .replace(`\`${PLACEHOLDER}\``, JSON.stringify(JSON.stringify({ version, files })));
      },
    },
  };
}
