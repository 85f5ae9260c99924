import { spawn, type ChildProcess } from "node:child_process";
import { join, resolve } from "node:path";

/** The clone's folder. */
export const root = resolve(import.meta.dirname, "../..");
const launcher = join(root, "packages/cli/bin/stonechat.mjs");

/** Settings of the relay may be given to a run of the tests, e.g. STONECHAT_RELAY_WEB_DIR for an app built elsewhere; and where
 * compiled code is kept. */
const passedOn = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(?:STONECHAT_RELAY_.*|NODE_COMPILE_CACHE)$/.test(name)),
);

/** Starts `stonechat` as a user would; it ends by itself when the tests are gone. */
export function startStonechat(args: readonly string[], home: string): ChildProcess {
  return spawn(process.execPath, [launcher, ...args], {
    cwd: home,
    env: { ...passedOn, PATH: process.env["PATH"], HOME: home, LANG: "C.UTF-8" },
    stdio: ["pipe", "pipe", "pipe", "ipc"],
  });
}
