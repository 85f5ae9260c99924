import { spawn } from "node:child_process";

/** How a process ended, and what it said. One that was killed has no code. */
export interface Ended {
  readonly code: number | null;
  readonly words: string;
}

/** Runs a script to its end, through another program with its options if that is given. */
export async function runProcess(
  script: URL,
  args: readonly string[],
  through: readonly string[] = [],
): Promise<Ended> {
  const [program = "", ...rest] = [...through, process.execPath, script.pathname, ...args];
  const child = spawn(program, rest, { stdio: ["ignore", "ignore", "pipe"] });
  let words = "";
  child.stderr.on("data", (piece: Buffer) => {
    words = (words + piece.toString("latin1")).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return { code, words };
}
