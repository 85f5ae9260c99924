import { defineConfig } from "vite";
import react from "@vitejs/plugin-react";
import { compileLocales } from "./build/compile-locales.ts";
import { trimReactAria } from "./build/trim-react-aria.ts";
import { listModules } from "./build/list-modules.ts";
import { orderLayers } from "./build/order-layers.ts";
import { withoutCore } from "./build/without-core.ts";
import { precompress } from "./build/precompress.ts";
import { fillServiceWorker } from "./build/fill-service-worker.ts";

/** `vite build` makes what the relay serves; `vite build --mode fixtures` makes the same screens over sample data. */
export default defineConfig(({ mode }) => {
  const outDir = mode === "fixtures" ? "../../.cache/web-fixtures" : "dist";
  return {
    root: import.meta.dirname,
    plugins: [
      react(),
      ...(mode === "fixtures" ? [withoutCore()] : []),
      compileLocales(),
      trimReactAria(),
      listModules(outDir),
      orderLayers(),
      fillServiceWorker(),
      precompress(outDir),
    ],
    worker: { format: "es", plugins: () => [listModules(outDir)] },
    build: {
      outDir,
      emptyOutDir: true,
      target: ["chrome123", "firefox128", "safari17.5"],
      // The page's policy allows no data: URLs, so nothing may be inlined.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: {
        input: { main: "index.html", "service-worker": "src/platform/service-worker.ts" },
        output: {
          // Few files to the first screen: what most screens share is in two chunks, the rest comes with its screen.
          codeSplitting: {
            groups: [
              { name: "vendor", test: /node_modules\/(?!(?:jsqr|uqr)\/)/ },
              {
                name: "shared",
                test: /\/src\/(?:design\/(?!QrCode)|state|text|platform\/(?!service-worker)|app\/(?:router|use-media)|locales\/[a-z-]+\.ts)/,
              },
            ],
          },
          entryFileNames: (chunk) =>
            chunk.name === "service-worker" ? "service-worker.js" : "assets/[name]-[hash].js",
        },
      },
    },
  };
});
