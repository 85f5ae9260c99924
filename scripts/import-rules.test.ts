import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { root } from "./workspace.ts";

/** What is planted where, and the rule that must refuse it. */
const PLANTED = [
  ["packages/relay/src/planted-core.ts", `import "@stonechat/core";`, "relay-imports"],
  ["packages/relay/src/planted-core-type.ts", `import type { C } from "@stonechat/core";`, "relay-imports"],
  ["packages/relay/src/planted-core-path.ts", `import "../../core/src/index.ts";`, "no-relative-entry"],
  ["packages/relay/src/planted-core-lazy.ts", `await import("@stonechat/core");`, "relay-imports"],
  ["packages/relay/src/planted-crypto.ts", `import "@stonechat/crypto";`, "relay-opens-nothing"],
  ["packages/relay/src/planted-node-crypto.ts", `import { createHash } from "node:crypto";`, "primitives"],
  ["packages/guard/src/planted-core.ts", `import "@stonechat/core";`, "guard-imports"],
  ["packages/guard/src/planted-relay.ts", `import "@stonechat/relay";`, "guard-imports"],
  ["packages/guard/src/planted-crypto.ts", `import "@stonechat/crypto";`, "guard-opens-requests-only"],
  ["packages/cli/src/planted-sodium.ts", `import "libsodium-wrappers-sumo";`, "primitives"],
  ["packages/core/src/planted-noble.ts", `import { p256 } from "@noble/curves/nist.js";`, "primitives"],
  ["packages/core/src/planted-mls.ts", `import "ts-mls";`, "mls-library"],
  ["packages/core/src/planted-sqlite.ts", `import "@journeyapps/wa-sqlite";`, "storage-library"],
  ["packages/core/src/planted-node.ts", `import "node:fs";`, "portable"],
  ["packages/cli/src/planted-testkit.ts", `import "@stonechat/testkit";`, "testkit-in-tests-only"],
  ["packages/web/src/planted-relay.ts", `import "@stonechat/relay";`, "web-imports"],
] as const;

type Violation = { readonly from: string; readonly rule: { readonly name: string } };

let copy = "";
let violations: readonly Violation[] = [];

beforeAll(async () => {
  copy = mkdtempSync(join(tmpdir(), "stonechat-imports-"));
  copyWorkspace(copy);
  for (const [file, text] of PLANTED) writeFileSync(join(copy, file), `${text}\nexport {};\n`);
  violations = await cruise(copy);
}, 120_000);

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

it.each(PLANTED)("an import planted in %s is refused: %s", (file, _text, rule) => {
  const rules = violations.filter((violation) => violation.from === file).map((violation) => violation.rule.name);
  expect(rules).toContain(rule);
});

/** The sources alone, with our packages linked to the copy and every library to the real one. */
function copyWorkspace(target: string): void {
  const isSource = (path: string) => !["node_modules", "dist"].includes(basename(path));
  cpSync(join(root, "packages"), join(target, "packages"), { recursive: true, filter: isSource });
  for (const file of ["package.json", "tsconfig.json", "tsconfig.base.json", ".dependency-cruiser.mjs"]) {
    cpSync(join(root, file), join(target, file));
  }
  mkdirSync(join(target, "node_modules/@stonechat"), { recursive: true });
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".") && name !== "@stonechat") link(join(root, "node_modules", name), "node_modules", name);
  }
  for (const name of readdirSync(join(target, "packages"))) {
    if (!name.includes(".")) link(join(target, "packages", name), "node_modules/@stonechat", name);
  }

  function link(from: string, folder: string, name: string): void {
    symlinkSync(from, join(target, folder, name), "junction");
  }
}

async function cruise(folder: string): Promise<readonly Violation[]> {
  const program = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const args = [program, "--config", ".dependency-cruiser.mjs", "--output-type", "json", "packages"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 1 << 28 }, (_error, stdout, stderr) => {
      try {
        const report = JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } };
        resolve(report.summary.violations);
      } catch (cause) {
        reject(new Error(`dependency-cruiser printed no report: ${stderr}`, { cause }));
      }
    });
  });
}
