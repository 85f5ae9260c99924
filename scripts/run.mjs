/**
 * `node scripts/run.mjs [--browser] FILE ARGS…`: installs what is missing, then runs one of our TypeScript programs
 * under Node 24. With `--browser`, CHROMIUM names a Chromium. Stops the program when npm, which started this, is gone.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { runsOnWantedNode, runUnder, stopOrphan, stopWithLauncher } from "../packages/cli/bin/node24.mjs";
import { bootstrap } from "./bootstrap.mjs";

const WATCH_MS = 500;

const args = process.argv.slice(2);
const browser = args[0] === "--browser";
const [file, ...rest] = browser ? args.slice(1) : args;
if (file === undefined) throw new RangeError("run.mjs needs a file to run");

const { node, chromium } = await bootstrap({ browser });
if (chromium !== undefined) process.env["CHROMIUM"] = chromium;

watchNpm();
if (runsOnWantedNode()) {
  stopWithLauncher();
  process.argv.splice(1, process.argv.length - 1, resolve(file), ...rest);
  await import(pathToFileURL(file).href);
} else {
  runUnder(node, fileURLToPath(import.meta.url), args);
}

/** npm starts a shell which starts us: when either is gone, so must we be, or a relay would keep its data folder. */
function watchNpm() {
  if (process.env["npm_lifecycle_event"] === undefined || process.platform === "win32") return;
  const shell = process.ppid;
  const npm = parentOf(shell);
  setInterval(() => {
    if (process.ppid !== shell || parentOf(shell) !== npm) stopOrphan();
  }, WATCH_MS).unref();
}

/** The parent's process number as Linux tells it; undefined elsewhere. @param {number} pid */
function parentOf(pid) {
  try {
    return /^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  } catch {
    return undefined;
  }
}
