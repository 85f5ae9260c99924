import { spawn } from "node:child_process";
import { join } from "node:path";
import { firstJsonLine } from "../relay-child.ts";
import type { Job, JobResult } from "./jobs.ts";

/** Does a job with a store in a process of its own. Resolves when that process has ended, or was killed by its own hand. */
export async function runJob(job: Job): Promise<JobResult> {
  const file = join(import.meta.dirname, "store-process.ts");
  const child = spawn(process.execPath, [file, JSON.stringify(job)], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  const result = (await firstJsonLine(child)) as JobResult; // store-process.ts wrote it
  await ended;
  return result;
}
