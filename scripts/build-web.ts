/** Building the web app when its sources changed. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { finished, startNode } from "./subprocess.ts";
import { root } from "./workspace.ts";

const SOURCES = ["packages/web/**", "packages/{core,crypto,protocol}/{package.json,src/**}", "package-lock.json"];
const IGNORED = /\/(dist|node_modules)\/|\.test\.tsx?$/;

/** Where the relay finds the built app. */
export const webDist = join(root, "packages/web/dist");
const stampFile = join(root, ".cache/web-build");

/**
 * Builds `packages/web/dist` unless it was built from the present sources.
 * @returns whether the app is there; false with the reason on stderr
 */
export async function buildWeb(): Promise<boolean> {
  const hash = hashSources();
  if (existsSync(join(webDist, "index.html")) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) {
    return true;
  }
  rmSync(stampFile, { force: true });
  process.stderr.write("Building the web app … ");
  const startedAt = performance.now();
  const vite = startNode(["../../node_modules/vite/bin/vite.js", "build", "--logLevel=warn"], {
    cwd: join(root, "packages/web"),
    env: { NODE_ENV: "production" },
    output: "keep",
  });
  const { ok, output } = await finished(vite);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(ok ? `done in ${seconds} s\n` : `failed after ${seconds} s\n${output}\n`);
  if (!ok) return false;
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
  return true;
}

function hashSources(): string {
  const hash = createHash("sha256");
  const files = globSync(SOURCES, { cwd: root, withFileTypes: true, exclude: (entry) => entry.name === "dist" })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !IGNORED.test(file))
    .sort();
  for (const file of files) hash.update(file).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}
