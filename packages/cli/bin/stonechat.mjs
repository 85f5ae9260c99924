#!/usr/bin/env node
// Starts the command line under Node 24, which it finds beside the other packages when this Node is older.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describeMissingNode, findWantedNode, runsOnWantedNode, runUnder, stopWithLauncher } from "./node24.mjs";

const clone = fileURLToPath(new URL("../../../", import.meta.url));

// In a clone in which nobody has run `npm ci` yet, install first. Progress goes to stderr.
if (existsSync(`${clone}scripts/bootstrap.mjs`) && !existsSync(`${clone}node_modules/.package-lock.json`)) {
  const { bootstrap } = await import(new URL("../../../scripts/bootstrap.mjs", import.meta.url).href);
  await bootstrap({ browser: false });
}

if (runsOnWantedNode()) {
  stopWithLauncher();
  await import("../src/main.ts");
} else {
  const node = findWantedNode();
  if (node === undefined) {
    process.stderr.write(`${describeMissingNode()}\n`);
    process.exitCode = 1;
  } else {
    runUnder(node, fileURLToPath(import.meta.url), process.argv.slice(2));
  }
}
