import { parseLastBackup } from "../last-backup.ts";
import { ok, warning, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

const DAY_MS = 24 * 3_600_000;
/** Older than this, and a lost disk costs a week of messages that nobody has read yet. */
const OLD_DAYS = 7;
const HOW = "Take one with: stonechat relay backup FOLDER --data DIR, best every night.";

/** When the last backup was taken, as the relay noted it at `path`. */
export async function checkBackup(machine: Machine, path: string, retentionDays: number): Promise<Finding> {
  const takenAt = parseLastBackup(await machine.readText(path));
  if (takenAt === undefined) return warning("backup", "No backup was ever taken of this relay.", HOW);
  const days = (machine.now() - takenAt) / DAY_MS;
  if (days > Math.min(OLD_DAYS, retentionDays))
    return warning("backup", `The last backup is ${days.toFixed(0)} days old.`, HOW);
  return ok("backup", `the last one is ${days.toFixed(1)} days old`);
}
