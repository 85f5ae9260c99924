import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { BackgroundStart } from "../host.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/**
 * Starts this program again in a session of its own: the terminal's hang-up and Ctrl-C do not reach it. See
 * {@link Host.startBackground}.
 */
export async function startBackground(
  argv: readonly string[],
  stdin: Uint8Array,
  isReady: (line: string) => boolean,
): Promise<BackgroundStart> {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  // It may end before it has read everything; that it ended is heard below.
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin, () => {
    stdin.fill(0);
  });
  child.stderr.on("data", (bytes: Uint8Array) => process.stderr.write(bytes));
  const lines: string[] = [];
  const ended = once(child, "close").then(([exitCode]): BackgroundStart => ({
    type: "ended",
    exitCode: Number(exitCode ?? 1),
    lines,
  }));
  const ready = new Promise<BackgroundStart>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      if (isReady(line)) resolve({ type: "ready", lines });
    });
  });
  const start = await Promise.race([ready, ended]);
  child.unref();
  return start;
}
