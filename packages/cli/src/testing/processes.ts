import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

const LAUNCHER = fileURLToPath(new URL("../../bin/stonechat.mjs", import.meta.url));

/** A finished process. */
export interface Ended {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** The JSON objects on stdout. */
  readonly lines: readonly Record<string, unknown>[];
}

/** A process that runs. */
export interface Running {
  readonly process: ChildProcess;
  /** The first JSON object on stdout, past or future, that fits. Rejects if the process ends without it. */
  line(fits: (object: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  readonly ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();

/** Ends whatever a failed test left running. Call once in a file of tests. */
export function endProcessesAfterwards(): void {
  afterAll(() => {
    for (const child of running) child.kill("SIGKILL");
  });
}

/** Starts any program of Node. `stdin` is given to it and closed. */
export function startNode(script: string, argv: readonly string[], stdin = ""): Running {
  const child = spawn(process.execPath, [script, ...argv], { stdio: ["pipe", "pipe", "pipe"] });
  running.add(child);
  child.stdin.on("error", () => undefined);
  child.stdin.end(stdin);
  let out = "";
  let err = "";
  const seen: Record<string, unknown>[] = [];
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of waiting) look();
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    out += `${line}\n`;
    if (line.startsWith("{")) seen.push(JSON.parse(line) as Record<string, unknown>);
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  let isOver = false;
  const ended = once(child, "close").then(([exitCode, signal]) => {
    running.delete(child);
    isOver = true;
    wake();
    return { exitCode: exitCode as number | null, signal: signal as NodeJS.Signals | null, out, err, lines: seen };
  });
  return {
    process: child,
    ended,
    line: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = seen.find(fits);
          if (found === undefined && !isOver) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`ended without the line that was waited for:\n${out}\n${err}`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Starts `stonechat` as a user does, through its launcher. */
export function startCli(argv: readonly string[], stdin = ""): Running {
  return startNode(LAUNCHER, argv, stdin);
}

/** Runs `stonechat` to its end. */
export async function cli(argv: readonly string[], stdin = ""): Promise<Ended> {
  return await startCli(argv, stdin).ended;
}
