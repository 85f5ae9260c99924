/**
 * `npm test [-- ARGS]`: every test, or those that the arguments for vitest choose. Ends with `N passed, N failed`,
 * which the reporter prints.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { buildWeb } from "./build-web.ts";
import { runTests } from "./run-tests.ts";
import { root } from "./workspace.ts";

const built = !existsSync(join(root, "packages/web/index.html")) || (await buildWeb());
const { ok } = await runTests(process.argv.slice(2));
process.exitCode = built && ok ? 0 : 1;
