/** Installing the packages of package-lock.json, once for each state of that file. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, SetupError, step } from "./progress.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const lockFile = join(root, "package-lock.json");
/** What npm writes last: an install that was interrupted has none. */
const installedFile = join(root, "node_modules/.package-lock.json");
/** Holds the hash of the lock file that node_modules was installed from. */
const stampFile = join(root, "node_modules/.stonechat-install");

/** @throws {SetupError} if npm fails */
export async function ensurePackages() {
  const lock = readFileSync(lockFile);
  const hash = createHash("sha256").update(lock).digest("hex");
  if (existsSync(installedFile)) {
    if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === hash) return;
    // Installed by a person with `npm ci`: nothing to do but remember it.
    if (installedMatches(JSON.parse(lock.toString("utf8")))) {
      writeFileSync(stampFile, hash);
      return;
    }
  }
  rmSync(stampFile, { force: true });
  await installPackages(JSON.parse(lock.toString("utf8")));
  writeFileSync(stampFile, hash);
}

/** @param {Lock} lock */
async function installPackages(lock) {
  const total = Object.values(lock.packages).filter((entry) => entry.link !== true && !isOptional(entry)).length;
  // For each package npm asks what versions there are, then for the package itself.
  let fetched = 0;
  await step(`Installing packages (about ${total})`, async (report) => {
    const onLine = (/** @type {string} */ line) => {
      if (/^npm http (fetch|cache)/.test(line)) report((fetched += 1) / (2 * total));
    };
    const args = ["ci", "--ignore-scripts", "--include=dev", "--include=optional", "--no-audit", "--no-fund"];
    const [command, ...first] = npmCommand();
    const result = await run(command, [...first, ...args, "--loglevel=http"], { cwd: root, onLine });
    if (!result.ok) throw new SetupError(describeFailure(result.output));
  });
}

/** @param {string} output */
function describeFailure(output) {
  const lines = output.split("\n").filter((line) => !/^npm (http|warn)/.test(line));
  return (
    `${lines.join("\n")}\n\nThe packages could not be installed: npm says why above. ` +
    `Once that is mended (is the network in reach?), run the same command again.`
  );
}

/** The npm that runs us, so that the two agree; else the one on the path. */
function npmCommand() {
  const { npm_execpath: script, npm_node_execpath: node } = process.env;
  // Not the Node of node_modules, which the installation replaces.
  if (script !== undefined && node !== undefined && !node.startsWith(root) && /npm-cli\.c?js$/.test(script)) {
    return [node, script];
  }
  return ["npm"];
}

/**
 * True if npm's record of what it installed holds every package of the lock file in the same version.
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 * @param {Lock} lock
 */
function installedMatches(lock) {
  /** @type {Lock} */
  const installed = JSON.parse(readFileSync(installedFile, "utf8"));
  return Object.entries(lock.packages).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true;
    const found = installed.packages[path];
    if (found === undefined) return isOptional(entry);
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** Packages for other platforms stand in the lock file without being installed here. @param {LockEntry} entry */
function isOptional(entry) {
  return entry.optional === true || entry.devOptional === true || entry.peer === true;
}
