import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { root } from "./workspace.ts";

const LAUNCHER = JSON.stringify(pathToFileURL(join(root, "packages/cli/bin/node24.mjs")).href);
/** Tells its process number, says when it is asked to stop, and would otherwise run for ever. */
const PATIENT_PROGRAM = `
  import { stopWithLauncher } from ${LAUNCHER};
  stopWithLauncher();
  setInterval(() => {}, 1000);
  process.on("SIGTERM", () => { process.stdout.write("stopping\\n"); process.exit(7); });
  process.stdout.write(process.pid + "\\n");`;

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stonechat-launcher-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

it("a launched program's exit code is the launcher's", async () => {
  const launcher = launch(`process.exit(Number(process.argv[2]));`, ["42"]);
  expect(await once(launcher, "exit")).toEqual([42, null]);
});

it("SIGTERM to the launcher stops the program in its own orderly way", async () => {
  const launcher = launch(PATIENT_PROGRAM, []);
  const lines = readLines(launcher);
  await lines.next();
  launcher.kill("SIGTERM");
  expect((await lines.next()).value).toBe("stopping");
  expect(await once(launcher, "exit")).toEqual([7, null]);
});

it("a program stops by itself when its launcher is killed", async () => {
  const launcher = launch(PATIENT_PROGRAM, []);
  const lines = readLines(launcher);
  await lines.next();
  launcher.kill("SIGKILL");
  expect((await lines.next()).value).toBe("stopping");
  // The end of its output: the program is gone.
  expect((await lines.next()).done).toBe(true);
});

it("a program with nothing left to do ends although its launcher waits", async () => {
  const launcher = launch(`import { stopWithLauncher } from ${LAUNCHER}; stopWithLauncher();`, []);
  expect(await once(launcher, "exit")).toEqual([0, null]);
});

function launch(program: string, args: readonly string[]): ChildProcess {
  const programFile = join(folder, "program.mjs");
  const launcherFile = join(folder, "launcher.mjs");
  writeFileSync(programFile, program);
  const values = [process.execPath, programFile, args].map((value) => JSON.stringify(value)).join(", ");
  writeFileSync(launcherFile, `import { runUnder } from ${LAUNCHER};\nrunUnder(${values});`);
  return spawn(process.execPath, [launcherFile], { stdio: ["ignore", "pipe", "inherit"] });
}

async function* readLines(child: ChildProcess): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of child.stdout ?? []) {
    rest += String(chunk);
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      yield rest.slice(0, end);
      rest = rest.slice(end + 1);
    }
  }
}
