import { writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Plugin } from "vite";

const webRoot = resolve(import.meta.dirname, "..");
const repositoryRoot = resolve(webRoot, "../..");
const LINE_WIDTH = 120;
const packages = new Map<string, Set<string>>();

/**
 * Writes `OUT-meta.json` beside the output folder: which packages are in the bundle, and which chunks hold them. It is read by
 * the dependency count check and is not served.
 */
export function listModules(outDir: string): Plugin {
  return {
    name: "stonechat:list-modules",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const module of Object.keys(chunk.modules)) {
          const name = packageOf(module);
          if (name === undefined) continue;
          const chunks = packages.get(name) ?? new Set();
          packages.set(name, chunks.add(chunk.fileName));
        }
      }
    },
    closeBundle() {
      const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1));
      const lines = sorted.map(([name, chunks]) => toLine(name, [...chunks].sort()));
      writeFileSync(join(webRoot, `${outDir}-meta.json`), `{\n  "packages": {\n${lines.join(",\n")}\n  }\n}\n`);
    },
  };
}

function packageOf(module: string): string | undefined {
  const path = (module.startsWith("\0") ? module.slice(1) : module).split("?", 1)[0] ?? "";
  const last = path.lastIndexOf("/node_modules/");
  if (last >= 0) return /^(@[^/]+\/[^/]+|[^/]+)/.exec(path.slice(last + "/node_modules/".length))?.[1];
  const inside = /^packages\/([^/]+)\//.exec(relative(repositoryRoot, path))?.[1];
  return inside === undefined ? undefined : `@stonechat/${inside}`;
}

/** As the formatter would write it, so that nobody has to except the file from its check. */
function toLine(name: string, chunks: readonly string[]): string {
  const quoted = chunks.map((chunk) => JSON.stringify(chunk));
  const line = `    ${JSON.stringify(name)}: [${quoted.join(", ")}]`;
  if (line.length < LINE_WIDTH) return line;
  return `    ${JSON.stringify(name)}: [\n      ${quoted.join(",\n      ")}\n    ]`;
}
