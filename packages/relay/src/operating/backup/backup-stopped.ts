import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { takeDataFolder } from "../../data-folder.ts";
import { kindIn } from "../../store/open-embedded-store.ts";
import { SCHEMA_VERSION, SEGMENTS_VERSION } from "../../store/schema.ts";
import { noteLastBackup } from "../last-backup.ts";
import { readRelayVersion } from "../versions.ts";
import type { BackupReport } from "./backup-report.ts";
import { BackupError } from "./manifest.ts";
import { writeBackup } from "./write-backup.ts";

const DATABASES = ["relay.sqlite", "segments.sqlite", "admission.sqlite"];
const SEGMENTS = "segments";

/**
 * Takes a backup of a relay that does not run, and keeps it from starting meanwhile.
 *
 * @throws DataFolderError, BackupError; the system's error for a file that cannot be read or written.
 */
export async function backupStopped(data: string, target: string, keep: number, now: number): Promise<BackupReport> {
  await initCrypto();
  if (!existsSync(data)) throw new BackupError("in-the-way", "There is no data folder there.");
  const folder = takeDataFolder(data);
  try {
    const databases = DATABASES.filter((name) => existsSync(join(data, name)));
    if (!databases.includes("relay.sqlite")) throw new BackupError("in-the-way", "No relay has kept anything there.");
    const segments = join(data, SEGMENTS);
    const files = existsSync(segments)
      ? readdirSync(segments).map((name) => ({
          path: `${SEGMENTS}/${name}`,
          bytes: statSync(join(segments, name)).size,
        }))
      : [];
    const store = kindIn(folder.store) ?? "sqlite";
    const format = store === "segments" ? SEGMENTS_VERSION : SCHEMA_VERSION;
    const order = {
      data,
      target,
      keep,
      takenAt: now,
      relay: readRelayVersion(),
      store,
      format,
    } as const;
    const began = performance.now();
    const done = writeBackup({ ...order, databases, files });
    await noteLastBackup(data, now);
    return { ...done, tookMs: Math.round(performance.now() - began) };
  } finally {
    folder.release();
  }
}
