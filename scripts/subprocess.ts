/** Running programs from the tools, always under the Node that runs us. */
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { root } from "./workspace.ts";

/** How a program ended, and what it printed if that was kept. */
export type Finished = { readonly ok: boolean; readonly output: string };

/** A started program, and its output so far where that is kept. */
export type Started = { readonly child: ChildProcess; readonly output: () => string };

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/** Starts Node with these arguments in the clone's folder. `output` is shown as it comes, or kept. */
export function startNode(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv; readonly output: "show" | "keep" },
): Started {
  const kept: string[] = [];
  const child = spawn(process.execPath, args, {
    cwd: options.cwd ?? root,
    env: { ...process.env, ...(options.output === "keep" ? { NO_COLOR: "1" } : {}), ...options.env },
    stdio: options.output === "show" ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
  });
  track(child);
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

/** While a program runs, a signal ends us by our `exit` handler, which stops the program; without, it would outlive us. */
function track(child: ChildProcess): void {
  if (running.size === 0) for (const signal of SIGNALS) process.on(signal, exitBySignal);
  running.add(child);
  child.on("close", () => {
    running.delete(child);
    if (running.size === 0) for (const signal of SIGNALS) process.off(signal, exitBySignal);
  });
}

function exitBySignal(signal: NodeJS.Signals): void {
  process.exit(128 + constants.signals[signal]);
}
