/**
 * Installs what is missing before anything of ours can run. Plain JavaScript for Node 20 without dependencies,
 * because it is the first thing that runs after `git clone`. It does nothing, and says nothing, when all is there.
 */
import { describeMissingNode, findWantedNode } from "../packages/cli/bin/node24.mjs";
import { ensureChromium } from "./bootstrap/chromium.mjs";
import { ensurePackages } from "./bootstrap/packages.mjs";
import { SetupError } from "./bootstrap/progress.mjs";

/**
 * Ends the process with a message for a person if something cannot be installed.
 * @param {{ readonly browser: boolean }} wanted - whether browser tests will run
 * @returns {Promise<{ readonly node: string, readonly chromium: string | undefined }>} paths of the two programs
 */
export async function bootstrap(wanted) {
  try {
    await ensurePackages();
    const node = findWantedNode();
    if (node === undefined) throw new SetupError(describeMissingNode());
    return { node, chromium: wanted.browser ? await ensureChromium(node) : undefined };
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exit(1);
  }
}
