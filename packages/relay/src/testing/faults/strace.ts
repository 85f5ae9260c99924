import { execFileSync, spawn } from "node:child_process";

/** Calls that change what a disk holds, as SQLite makes them. */
export const DISK_CALLS = ["pwrite64", "fsync", "fdatasync", "ftruncate", "unlink", "rename", "openat"] as const;

/** @returns why programs cannot be traced here, or nothing when they can. */
export function noStrace(): string | undefined {
  try {
    execFileSync("strace", ["-qq", "-o", "/dev/null", "-e", "trace=none", "true"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "strace is not installed or may not trace here";
  }
}

/** How a traced program ended, and what it wrote to its standard output. */
export interface Traced {
  readonly code: number | null;
  readonly output: Buffer;
}

/** Runs `node script …` under strace with these options. A program that was killed has the code 137 or null. */
export async function traced(options: readonly string[], script: URL, args: readonly string[]): Promise<Traced> {
  const child = spawn(
    "strace",
    ["-f", "-qq", "--seccomp-bpf", ...options, process.execPath, script.pathname, ...args],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return { code, output: Buffer.concat(pieces) };
}
