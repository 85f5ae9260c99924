import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Calls that change what a disk holds, as SQLite makes them. */
export const DISK_CALLS = ["pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"] as const;
export type DiskCall = (typeof DISK_CALLS)[number];

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

/** Runs `node script …` under strace with these options. A program that was killed has no code. */
export async function traced(options: readonly string[], script: URL, args: readonly string[]): Promise<Traced> {
  const child = spawn("strace", ["-f", "-qq", ...options, process.execPath, script.pathname, ...args], {
    stdio: ["ignore", "pipe", "ignore"],
    // Compiling takes longer than all the rest.
    env: { ...process.env, NODE_COMPILE_CACHE: compileCache() },
  });
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  const code = await new Promise<number | null>((resolve) => {
    child.once("close", resolve);
  });
  return { code, output: Buffer.concat(pieces) };
}

let cache: string | undefined;
function compileCache(): string {
  cache ??= mkdtempSync(join(tmpdir(), "stonechat-compiled-"));
  return cache;
}

/** How often a program asks each of these, from what strace wrote. */
export function countCalls(trace: string): ReadonlyMap<DiskCall, number> {
  return new Map(
    DISK_CALLS.map((call) => [call, trace.split("\n").filter((line) => line.includes(` ${call}(`)).length]),
  );
}
