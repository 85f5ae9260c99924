import { execFileSync } from "node:child_process";
import { runProcess, type Ended } from "./run-process.ts";

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

/** Runs a script under strace with these options. */
export function traced(options: readonly string[], script: URL, args: readonly string[]): Promise<Ended> {
  return runProcess(script, args, ["strace", "-f", "-qq", ...options]);
}

/** How often a program asks each of these, from what strace wrote. */
export function countCalls(trace: string): ReadonlyMap<DiskCall, number> {
  return new Map(
    DISK_CALLS.map((call) => [call, trace.split("\n").filter((line) => line.includes(` ${call}(`)).length]),
  );
}
