import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the relay notes when its last backup was taken. */
export const LAST_BACKUP_FILE = "last-backup.json";

/** When the last backup of this data folder was taken, in milliseconds since 1970; undefined if none was, or nobody knows. */
export async function readLastBackup(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, LAST_BACKUP_FILE), "utf8").catch(() => undefined);
  return parseLastBackup(text);
}

/** Notes that a backup was taken. A note that is lost by a crash costs a needless warning, so it is not synced. */
export async function noteLastBackup(data: string, takenAt: number): Promise<void> {
  await writeFile(join(data, LAST_BACKUP_FILE), `{"takenAt":${String(takenAt)}}\n`, { mode: 0o600 });
}

/** Reads the note; whatever else the text is counts as no note. */
export function parseLastBackup(text: string | undefined): number | undefined {
  const time = /^\{"takenAt":(\d{1,16})\}\s*$/.exec(text ?? "")?.[1];
  return time === undefined ? undefined : Number(time);
}
