import { readFileSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const COMPRESSED = /\.(?:js|css|html|svg|json|webmanifest|wasm)$/;
const SMALLEST_WORTH_IT = 512;

/** Writes a `.br` and a `.gz` beside each text or WebAssembly file of the output, so that the relay compresses nothing itself. */
export function precompress(outDir: string): Plugin {
  return {
    name: "stonechat:precompress",
    apply: "build",
    enforce: "post",
    closeBundle: {
      order: "post",
      handler() {
        const root = resolve(import.meta.dirname, "..", outDir);
        // After a build that failed there is nothing, and its own error is the one to show.
        if (!existsSync(root)) return;
        for (const name of readdirSync(root, { recursive: true, encoding: "utf8" })) {
          if (COMPRESSED.test(name)) compress(join(root, name));
        }
      },
    },
  };
}

function compress(path: string): void {
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST_WORTH_IT) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }));
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
}
