import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join, sep } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SnapshotFile } from "../snapshot.ts";
import type { StoreKind } from "../store-upkeep.ts";
import type { BackupReport } from "./backup-report.ts";
import { copyDurably, measureDurably, syncFolder, tryLink } from "./copy-file.ts";
import {
  BACKUP_VERSION,
  BackupError,
  MANIFEST_FILE,
  parseManifest,
  type Manifest,
  type ManifestFile,
} from "./manifest.ts";

/** What is to be backed up, and where to. */
export interface BackupOrder {
  /** The data folder. */
  readonly data: string;
  /** Holds backups, each in a folder of its own. Made when absent. */
  readonly target: string;
  /** So many are kept, this one included. */
  readonly keep: number;
  readonly takenAt: number;
  readonly relay: string;
  readonly store: StoreKind;
  readonly format: number;
  /** See {@link Snapshot}. */
  readonly databases: readonly string[];
  readonly files: readonly SnapshotFile[];
}

const UNFINISHED = ".unfinished";
const BACKUP_NAME = /^\d{8}T\d{9}Z$/;
const OTHERS = 0o077;

/**
 * Writes one backup: complete by itself, with what did not change linked from the one before. It has its name only when
 * all of it is durable. Blocks until then; a running relay calls it on a thread.
 *
 * @throws BackupError; the system's error for a file that cannot be read or written. Then nothing of it is left.
 */
export function writeBackup(order: BackupOrder): Omit<BackupReport, "tookMs"> {
  const { target, takenAt, keep } = order;
  prepareTarget(order);
  const name = new Date(takenAt).toISOString().replace(/[-:.]/g, "");
  const unfinished = join(target, `${name}${UNFINISHED}`);
  mkdirSync(unfinished, { mode: 0o700 });
  try {
    const { files, linkedBytes } = new BackupWriter(order, unfinished, newestBackup(target)).write();
    const { relay, store, format } = order;
    writeManifest(unfinished, {
      type: "stonechat-relay-backup",
      version: BACKUP_VERSION,
      takenAt,
      relay,
      store,
      format,
      files,
    });
    renameSync(unfinished, join(target, name));
    syncFolder(target);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      folder: join(target, name),
      takenAt,
      files: files.length,
      bytes,
      linkedBytes,
      removed: prune(target, keep),
    };
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    if (error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT"))
      throw new BackupError("no-room", "There is not enough room for the backup. Nothing of it was left.", {
        cause: error,
      });
    throw error;
  }
}

/** The newest complete backup in a folder of them. */
export function newestBackup(target: string): string | undefined {
  const newest = namesOf(target).at(-1);
  return newest === undefined ? undefined : join(target, newest);
}

/** Copies or links one file after the other. */
class BackupWriter {
  readonly #order: BackupOrder;
  readonly #folder: string;
  readonly #before: string | undefined;
  readonly #earlier: ReadonlyMap<string, ManifestFile>;
  readonly #files: ManifestFile[] = [];
  #linkedBytes = 0;

  constructor(order: BackupOrder, folder: string, before: string | undefined) {
    this.#order = order;
    this.#folder = folder;
    this.#before = before;
    this.#earlier = new Map(readEarlier(before).map((file) => [file.path, file]));
  }

  write(): { readonly files: readonly ManifestFile[]; readonly linkedBytes: number } {
    const { data, databases, files } = this.#order;
    for (const path of databases) this.#database(path);
    for (const { path, bytes } of files) this.#file(path, bytes);
    // Last: a message that is in the backup was sent after the file that it speaks of.
    for (const path of blobsIn(data)) this.#blob(path);
    for (const folder of foldersIn(this.#folder)) syncFolder(folder);
    return { files: this.#files, linkedBytes: this.#linkedBytes };
  }

  /** Through SQLite, which gives one moment's state without holding up who writes, and without what was erased. */
  #database(path: string): void {
    const copy = join(this.#folder, path);
    const db = new DatabaseSync(join(this.#order.data, path), { readOnly: true, timeout: 10_000 });
    try {
      db.prepare("VACUUM INTO ?").run(copy);
    } finally {
      db.close();
    }
    chmodSync(copy, 0o600);
    const { bytes, sha256 } = measureDurably(copy);
    this.#files.push({ path, bytes, sha256, changedAt: 0 });
  }

  #file(path: string, bytes: number): void {
    const changedAt = Math.floor(statSync(join(this.#order.data, path)).mtimeMs);
    const earlier = this.#earlier.get(path);
    if (earlier?.bytes === bytes && earlier.changedAt === changedAt && this.#link(earlier)) return;
    this.#copy(path, bytes);
  }

  #blob(path: string): void {
    const earlier = path.endsWith(".blob") ? this.#earlier.get(path) : undefined;
    if (earlier !== undefined && this.#link(earlier)) return; // a complete blob never changes
    try {
      this.#copy(path, Infinity);
    } catch (error) {
      // It expired or was finished since we looked: then it is nowhere, or comes with the next backup.
      if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    }
  }

  #copy(path: string, bytes: number): void {
    const copied = copyDurably(join(this.#order.data, path), join(this.#folder, path), bytes);
    if (bytes !== Infinity && copied.bytes !== bytes)
      throw new BackupError("damaged", "A file of the relay is too short.");
    this.#files.push({ path, ...copied });
  }

  #link(earlier: ManifestFile): boolean {
    if (this.#before === undefined || !tryLink(join(this.#before, earlier.path), join(this.#folder, earlier.path)))
      return false;
    this.#files.push(earlier);
    this.#linkedBytes += earlier.bytes;
    return true;
  }
}

/** @throws BackupError unless backups may be put there. Clears away what a crash left. */
function prepareTarget({ data, target }: BackupOrder): void {
  mkdirSync(target, { recursive: true, mode: 0o700 });
  const [from, to] = [realpathSync(data) + sep, realpathSync(target) + sep];
  if (to.startsWith(from) || from.startsWith(to))
    throw new BackupError(
      "in-the-way",
      "Backups cannot lie inside the data folder, or around it. Name another folder.",
    );
  if (process.platform !== "win32" && (lstatSync(target).mode & OTHERS) !== 0) {
    if (readdirSync(target).length > 0)
      throw new BackupError("in-the-way", "The folder of backups can be read by others. Close it: chmod 700.");
    chmodSync(target, 0o700);
  }
  for (const name of readdirSync(target))
    if (name.endsWith(UNFINISHED)) rmSync(join(target, name), { recursive: true, force: true });
}

function namesOf(target: string): readonly string[] {
  return readdirSync(target)
    .filter((name) => BACKUP_NAME.test(name) && existsSync(join(target, name, MANIFEST_FILE)))
    .sort();
}

function prune(target: string, keep: number): number {
  const old = namesOf(target).slice(0, -keep);
  for (const name of old) rmSync(join(target, name), { recursive: true, force: true });
  return old.length;
}

function readEarlier(before: string | undefined): readonly ManifestFile[] {
  if (before === undefined) return [];
  try {
    return parseManifest(readFileSync(join(before, MANIFEST_FILE), "utf8")).files;
  } catch {
    // It is of another version or damaged: everything is copied anew.
    return [];
  }
}

function blobsIn(data: string): readonly string[] {
  const blobs = join(data, "blobs");
  if (!existsSync(blobs)) return [];
  return readdirSync(blobs).flatMap((shard) => readdirSync(join(blobs, shard)).map((name) => `blobs/${shard}/${name}`));
}

function foldersIn(folder: string): readonly string[] {
  const inside = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...inside.flatMap(({ name }) => foldersIn(join(folder, name))), folder];
}

function writeManifest(folder: string, manifest: Manifest): void {
  const file = openSync(join(folder, MANIFEST_FILE), "wx", 0o600);
  try {
    writeSync(file, `${JSON.stringify(manifest, undefined, 1)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(folder);
}
