import { fork, type ChildProcess } from "node:child_process";

/** A relay in a process of its own, so that it can be killed. */
export interface ChildRelay {
  readonly url: string;
  readonly process: ChildProcess;
  /** Settles with its exit code, or null if it was killed. */
  readonly ended: Promise<number | null>;
  /** The end of what it said on stderr. */
  words(): string;
  /** Ends it the hard way, and resolves when it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop. @returns its exit code. */
  stop(): Promise<number | null>;
}

/**
 * Starts one on this data folder, through another program (as strace) with its options if that is given.
 *
 * @throws Error with its exit code and last words if it does not come up.
 */
export async function startChildRelay(
  data: string,
  flags: Readonly<Record<string, string>> = {},
  through: readonly string[] = [],
): Promise<ChildRelay> {
  const [program = process.execPath, ...options] = through;
  const child = fork(new URL("./relay-process.ts", import.meta.url), [data, JSON.stringify(flags)], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    execPath: program,
    execArgv: through.length === 0 ? [] : [...options, process.execPath],
  });
  let words = "";
  child.stderr?.on("data", (data: Buffer) => {
    words = (words + data.toString("latin1")).slice(-2000);
  });
  const ended = new Promise<number | null>((resolve) => {
    child.once("exit", resolve);
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => {
      resolve(message as string); // what relay-process.ts says first
    });
    // Its last words may come after its end.
    child.once("close", (code) => {
      reject(new Error(`exit code ${String(code)}: ${words}`));
    });
  });
  return {
    url,
    process: child,
    ended,
    words: () => words,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return await ended;
    },
  };
}
