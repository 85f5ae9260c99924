import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./scripts/longest-first.ts";

const UNIT_PACKAGES = ["protocol", "crypto", "core", "serving", "relay", "guard", "cli", "testkit", "web"] as const;

/** One project a package, so that `vitest run --project core` and `vitest run packages/core` both work. */
export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Hundreds of programs of ours are started; compiling takes most of them longer than all the rest.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL(".cache/compiled", import.meta.url)) },
    // Of `expect.poll`; what is waited for may take long on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    setupFiles: ["./scripts/properties/setup.ts"],
    projects: [
      ...UNIT_PACKAGES.map((name) => ({
        extends: true as const,
        test: { name, include: [`packages/${name}/src/**/*.test.{ts,tsx}`] },
      })),
      { extends: true, test: { name: "bench", include: ["bench/**/*.test.ts"] } },
      { extends: true, test: { name: "scripts", include: ["scripts/**/*.test.ts"], testTimeout: 120_000 } },
      {
        extends: true,
        test: { name: "sim", include: ["packages/sim/src/**/*.test.ts"], testTimeout: 1_800_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        // Browsers and relays of their own: one file at a time.
        test: {
          name: "e2e",
          include: ["e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
