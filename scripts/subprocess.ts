/** Running programs from the tools, always under the Node that runs us. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./workspace.ts";

/** How a program ended, and what it printed if that was kept. */
export type Finished = { readonly ok: boolean; readonly output: string };

/** A started program, and its output so far where that is kept. */
export type Started = { readonly child: ChildProcess; readonly output: () => string };

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});
// Without these listeners a signal would end this process before the programs it started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

/** Starts Node with these arguments in the clone's folder. `output` is shown as it comes, or kept. */
export function startNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly output: "show" | "keep" },
): Started {
  const kept: string[] = [];
  const child = spawn(process.execPath, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...options.env },
    stdio: options.output === "show" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.on("close", () => running.delete(child));
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => kept.push(chunk));
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => kept.push(chunk));
  return { child, output: () => kept.join("").trim() };
}

/** Waits until the program has ended. */
export async function finished(started: Started): Promise<Finished> {
  const ok = await new Promise<boolean>((resolve) => {
    started.child.on("error", () => resolve(false));
    started.child.on("close", (code) => resolve(code === 0));
  });
  return { ok, output: started.output() };
}
