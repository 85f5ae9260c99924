import type { StoreKind } from "../store-upkeep.ts";

/** What a backup's list of its files is called. It is written last: a folder without it is no backup. */
export const MANIFEST_FILE = "manifest.json";

/** Layout of backups. One with a higher version was written by a newer program. */
export const BACKUP_VERSION = 1;

/** One file of a backup. */
export interface ManifestFile {
  /** Relative, with `/` between its parts; the same as in the data folder. */
  readonly path: string;
  readonly bytes: number;
  /** In hex, of the file as it lies in the backup. */
  readonly sha256: string;
  /** When the file it was copied from was changed, in ms since 1970: whether the next backup must copy it again. */
  readonly changedAt: number;
}

/** What is in a backup. */
export interface Manifest {
  readonly type: "stonechat-relay-backup";
  readonly version: number;
  /** Everything acknowledged before this is in it. Milliseconds since 1970. */
  readonly takenAt: number;
  readonly relay: string;
  readonly store: StoreKind;
  /** Of the data folder. */
  readonly format: number;
  readonly files: readonly ManifestFile[];
}

/** The backup cannot be used. The message is a whole sentence for the person who wants to. */
export class BackupError extends Error {
  override readonly name = "BackupError";
  readonly code: "not-a-backup" | "newer-format" | "damaged" | "in-the-way" | "no-room" | "in-use";

  constructor(code: BackupError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const PART = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,100}$/;
const KINDS: readonly StoreKind[] = ["sqlite", "segments"];

/** @throws BackupError unless this is a manifest of ours, whose files stay inside the folder that they are put into. */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notABackup(error);
  }
  if (!isRecord(value) || value["type"] !== "stonechat-relay-backup") throw notABackup(undefined);
  const { version, takenAt, relay, store, format, files } = value;
  if (typeof version === "number" && version > BACKUP_VERSION)
    throw new BackupError("newer-format", "The backup was written by a newer version. Update Stonechat.");
  const kind = KINDS.find((one) => one === store);
  const fits = version === BACKUP_VERSION && isCount(takenAt) && isCount(format) && typeof relay === "string";
  if (!fits || kind === undefined || !Array.isArray(files) || !files.every(isFile)) throw notABackup(undefined);
  return { type: "stonechat-relay-backup", version, takenAt, relay, store: kind, format, files };
}

function isFile(value: unknown): value is ManifestFile {
  if (!isRecord(value)) return false;
  const { path, bytes, sha256, changedAt } = value;
  return (
    typeof path === "string" &&
    path.split("/").every((part) => PART.test(part)) &&
    isCount(bytes) &&
    typeof changedAt === "number" &&
    typeof sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function notABackup(cause: unknown): BackupError {
  return new BackupError("not-a-backup", "There is no backup of a relay there, or it was not finished.", { cause });
}
