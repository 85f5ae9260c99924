import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { SEGMENTS_VERSION } from "../../store/schema.ts";
import { beginWork, finishWork, unfinishedWork, WORK_FILE } from "../unfinished-work.ts";
import { copyDurably, syncFolder } from "./copy-file.ts";
import { BackupError, MANIFEST_FILE, parseManifest, type Manifest } from "./manifest.ts";
import { newestBackup } from "./write-backup.ts";

/** What was restored. */
export interface RestoreReport {
  /** The backup that was used. */
  readonly folder: string;
  /** What was acknowledged since is not in it. Milliseconds since 1970. */
  readonly takenAt: number;
  readonly files: number;
  readonly bytes: number;
}

/**
 * Puts a backup into a new data folder, and checks every byte on the way. Killed at any moment and run again it finishes;
 * until then no relay starts on the folder.
 *
 * @param from - A backup, or the folder of backups: then the newest is taken.
 * @param data - Absent, or empty, or what an interrupted restore left.
 * @throws BackupError; the system's error for a file that cannot be read or written.
 */
export async function restoreBackup(from: string, data: string): Promise<RestoreReport> {
  await initCrypto();
  const { folder, manifest } = findBackup(from);
  if (manifest.format > SEGMENTS_VERSION)
    throw new BackupError("newer-format", "The backup is of a newer relay. Update Stonechat.");
  prepareData(data);
  beginWork(data, "restore");
  for (const file of manifest.files) {
    const source = join(folder, file.path);
    const copied = existsSync(source) ? copyDurably(source, join(data, file.path)) : undefined;
    if (copied?.bytes !== file.bytes || copied.sha256 !== file.sha256)
      throw new BackupError("damaged", "A file of the backup is not what was written. Use another backup.");
  }
  for (const inside of foldersOf(manifest)) syncFolder(join(data, inside));
  finishWork(data);
  const bytes = manifest.files.reduce((sum, file) => sum + file.bytes, 0);
  return { folder, takenAt: manifest.takenAt, files: manifest.files.length, bytes };
}

/** @throws BackupError unless there is a whole one. */
function findBackup(from: string): { readonly folder: string; readonly manifest: Manifest } {
  const direct = existsSync(join(from, MANIFEST_FILE));
  const folder = direct ? from : existsSync(from) ? newestBackup(from) : undefined;
  if (folder === undefined)
    throw new BackupError("not-a-backup", "There is no backup of a relay there, or it was not finished.");
  return { folder, manifest: parseManifest(readFileSync(join(folder, MANIFEST_FILE), "utf8")) };
}

function prepareData(data: string): void {
  mkdirSync(data, { mode: 0o700, recursive: true });
  if (!statSync(data).isDirectory()) throw inTheWay();
  const there = readdirSync(data);
  if (unfinishedWork(data) === "restore") {
    for (const name of there) if (name !== WORK_FILE) rmSync(join(data, name), { recursive: true });
  } else if (there.length > 0) throw inTheWay();
  chmodSync(data, 0o700);
}

function foldersOf({ files }: Manifest): ReadonlySet<string> {
  const folders = files.flatMap(({ path }) => {
    const parts = path.split("/").slice(0, -1);
    return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
  });
  return new Set([...folders, "."]);
}

function inTheWay(): BackupError {
  return new BackupError(
    "in-the-way",
    "Something is in the data folder. A backup is restored into a new or empty one only.",
  );
}
