/** Finding, or installing, the Chromium in which the browser tests run. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, SetupError, step } from "./progress.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const MAC_PATHS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
/** Latin and Arabic text and emoji, so that screenshots show letters instead of boxes. */
const DEBIAN_PACKAGES = ["chromium", "fonts-dejavu-core", "fonts-noto-core", "fonts-noto-color-emoji"];

/**
 * The path of a Chromium. `CHROMIUM` names one; else the usual places are looked at; else one is installed: by apt for
 * root on Debian and its kin, elsewhere by Playwright into the user's cache.
 * @param {string} node - a Node that runs Playwright
 * @throws {SetupError} if none can be had
 */
export async function ensureChromium(node) {
  const named = process.env["CHROMIUM"];
  if (named !== undefined && named !== "") {
    if (existsSync(named)) return named;
    throw new SetupError(`CHROMIUM names a file that does not exist: ${named}`);
  }
  const found = findChromium() ?? (await findPlaywrightChromium(node));
  if (found !== undefined) return found;
  const byApt = existsSync("/usr/bin/apt-get") && process.getuid?.() === 0;
  const usable = async () => findChromium() ?? (await findPlaywrightChromium(node));
  return byApt ? installByApt(usable) : installByPlaywright(node, usable);
}

/** @returns {string | undefined} */
export function findChromium() {
  const folders = (process.env["PATH"] ?? "").split(delimiter).concat("/usr/bin", "/snap/bin");
  return [...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))), ...MAC_PATHS].find(existsSync);
}

/** @param {string} node */
async function findPlaywrightChromium(node) {
  const source = `import { chromium } from "playwright-core"; process.stdout.write(chromium.executablePath());`;
  const { ok, output } = await run(node, ["--input-type=module", "--eval", source], { cwd: root });
  return ok && existsSync(output) ? output : undefined;
}

/** @param {() => Promise<string | undefined>} usable */
function installByApt(usable) {
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  return step("Installing Chromium and fonts by apt-get", async () => {
    const updated = await run("apt-get", ["update", "-qq"], { env });
    const installArgs = ["install", "-y", "-qq", "--no-install-recommends", ...DEBIAN_PACKAGES];
    const { output } = updated.ok ? await run("apt-get", installArgs, { env }) : updated;
    return (await usable()) ?? fail(output);
  });
}

/**
 * @param {string} node
 * @param {() => Promise<string | undefined>} usable
 */
function installByPlaywright(node, usable) {
  return step("Downloading Chromium for the browser tests", async (report) => {
    const onLine = (/** @type {string} */ line) => {
      const percent = /(\d+)%/.exec(line)?.[1];
      if (percent !== undefined) report(Number(percent) / 100);
    };
    const cli = join(root, "node_modules/playwright-core/cli.js");
    const { output } = await run(node, [cli, "install", "chromium"], { cwd: root, onLine });
    return (await usable()) ?? fail(output);
  });
}

/**
 * @param {string} output
 * @returns {never}
 */
function fail(output) {
  throw new SetupError(
    `${output}\n\nChromium, which the browser tests need, could not be installed. ` +
      `Install it yourself, or set CHROMIUM to the path of one, and run the same command again.`,
  );
}
