import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { systemRandom } from "@stonechat/crypto/issuer";
import type { Log } from "@stonechat/serving";
import type { DataFolder } from "../data-folder.ts";
import type { LogLimits } from "../logs/log-store.ts";
import { NodeSegmentFiles } from "../segments/node-segment-files.ts";
import { SegmentRelayStore } from "../segments/segment-relay-store.ts";
import { SegmentStore } from "../segments/segment-store.ts";
import { SqliteSegmentState } from "../segments/sqlite-segment-state.ts";
import { versionOf } from "./database.ts";
import type { RelayStore } from "./relay-store.ts";
import { SEGMENTS_VERSION } from "./schema.ts";
import { SqliteStore } from "./sqlite-store.ts";

/** Where the logs of a relay lie that needs no other program: all in SQLite, or their entries in segment files. */
export type EmbeddedKind = "segments" | "sqlite";

/** What an embedded store is opened with. Sizes in bytes. */
export interface EmbeddedStoreParts {
  readonly folder: DataFolder;
  readonly limits: LogLimits;
  readonly reserveBytes: number;
  readonly log: Log;
}

/**
 * Opens the store that the folder holds; a new folder gets the kind that is wanted. One that holds the other kind stays
 * what it is, and the log says so: logs are moved by a command, never on the way.
 */
export async function openEmbeddedStore(
  wanted: EmbeddedKind,
  { folder, limits, reserveBytes, log }: EmbeddedStoreParts,
): Promise<RelayStore> {
  const found = kindIn(folder.store);
  const kind = found ?? wanted;
  if (kind !== wanted)
    log({ level: "info", event: "store-kept", store: kind, advice: `to change it: stonechat relay convert ${wanted}` });
  if (kind === "sqlite") return await SqliteStore.open({ path: folder.store, reserveBytes, limits });
  const rest = await SqliteStore.open({ path: folder.store, reserveBytes, limits, format: SEGMENTS_VERSION });
  try {
    return new SegmentRelayStore(await openSegmentStore(folder, limits, reserveBytes), rest);
  } catch (error) {
    await rest.close();
    throw error;
  }
}

async function openSegmentStore(folder: DataFolder, limits: LogLimits, reserveBytes: number): Promise<SegmentStore> {
  return await SegmentStore.open({
    files: await NodeSegmentFiles.open(folder.segments),
    state: new SqliteSegmentState(folder.segmentState),
    random: systemRandom(),
    elapsed: () => performance.now(),
    schedule: (work) => {
      setImmediate(work);
    },
    ...{ limits, reserveBytes },
  });
}

/** What the folder was made for; undefined while it holds no log and may become either. */
export function kindIn(path: string): EmbeddedKind | undefined {
  if (!existsSync(path)) return undefined;
  const db = new DatabaseSync(path, { timeout: 2000 });
  try {
    const version = versionOf(db);
    if (version >= SEGMENTS_VERSION) return "segments";
    if (version === 0) return undefined;
    return db.prepare("SELECT 1 FROM log LIMIT 1").get() === undefined ? undefined : "sqlite";
  } finally {
    db.close();
  }
}
