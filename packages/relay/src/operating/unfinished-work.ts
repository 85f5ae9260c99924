import { closeSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { syncFolder } from "./backup/copy-file.ts";

/** What may be half done in a data folder. Until it is finished no relay starts there. */
export type Work = "restore" | "conversion";

/** Says so. */
export const WORK_FILE = "unfinished";

/** What somebody began in this data folder and did not finish. */
export function unfinishedWork(data: string): Work | undefined {
  let text: string;
  try {
    text = readFileSync(join(data, WORK_FILE), "utf8");
  } catch {
    return undefined;
  }
  return text.trim() === "conversion" ? "conversion" : "restore";
}

/** Durable when this returns. */
export function beginWork(data: string, work: Work): void {
  const file = openSync(join(data, WORK_FILE), "w", 0o600);
  try {
    writeSync(file, `${work}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(data);
}

/** What was begun is complete and durable. */
export function finishWork(data: string): void {
  rmSync(join(data, WORK_FILE));
  syncFolder(data);
}
