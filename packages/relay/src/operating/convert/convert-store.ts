import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import { takeDataFolder, type DataFolder } from "../../data-folder.ts";
import { NodeSegmentFiles } from "../../segments/node-segment-files.ts";
import { SqliteSegmentState } from "../../segments/sqlite-segment-state.ts";
import { versionOf } from "../../store/database.ts";
import { kindIn, type EmbeddedKind } from "../../store/open-embedded-store.ts";
import { SCHEMA_VERSION, SEGMENTS_VERSION } from "../../store/schema.ts";
import { syncFolder } from "../backup/copy-file.ts";
import { beginWork, finishWork, unfinishedWork } from "../unfinished-work.ts";
import { RefusedError } from "../control/refused-error.ts";
import type { Counts } from "./kept-log.ts";
import { moveToSegments } from "./to-segments.ts";
import { moveToSqlite } from "./to-sqlite.ts";
import { removeDatabase } from "./sqlite-side.ts";

/** What was converted. */
export interface ConversionReport extends Counts {
  /** Entries whose bodies did not match their checksums, and which were left behind with the old store. */
  readonly damaged: number;
  /** It was this kind already. */
  readonly already: boolean;
}

/** Where a conversion may be cut off. A port, so that tests can. */
export type Steps = (step: string) => void;

const NOTHING: Counts = { logs: 0, entries: 0, bytes: 0 };

/**
 * Moves a relay's entries between SQLite and segments. The relay must not run. Killed at any moment and run again it
 * finishes; until then no relay starts there. The old store goes when the new one is whole, counted and durable.
 *
 * @throws DataFolderError; RefusedError; the system's error for what cannot be read or written. Then the old store is as it was.
 */
export async function convertStore(
  data: string,
  to: EmbeddedKind,
  steps: Steps = () => undefined,
): Promise<ConversionReport> {
  await initCrypto();
  const folder = takeDataFolder(data, "conversion");
  try {
    const kind = kindIn(folder.store);
    if (kind === undefined) throw new RefusedError("No relay has kept any messages there: set store in its settings.");
    const begun = unfinishedWork(data) === "conversion";
    if (kind === to && !begun) return { ...NOTHING, damaged: 0, already: true };
    if (kind === to) {
      finish(folder, data, to);
      return { ...NOTHING, damaged: 0, already: false };
    }
    return { ...(await move(folder, data, to, steps)), already: false };
  } finally {
    folder.release();
  }
}

async function move(
  folder: DataFolder,
  data: string,
  to: EmbeddedKind,
  steps: Steps,
): Promise<Counts & { readonly damaged: number }> {
  beginWork(data, "conversion");
  steps("begun");
  try {
    const report = to === "segments" ? await toSegments(folder, steps) : await toSqlite(folder, steps);
    steps("moved");
    replaceDatabase(folder, data);
    steps("replaced");
    finish(folder, data, to);
    return report;
  } catch (error) {
    // What could not be done leaves the folder as it was, for a relay to start on.
    if (kindIn(folder.store) !== to) finish(folder, data, to === "segments" ? "sqlite" : "segments");
    throw error;
  }
}

function newDatabase({ store }: DataFolder): string {
  return `${store}.new`;
}

async function toSegments(folder: DataFolder, steps: Steps): Promise<Counts & { readonly damaged: number }> {
  removeSegments(folder);
  removeDatabase(newDatabase(folder));
  const state = new SqliteSegmentState(folder.segmentState);
  const files = await NodeSegmentFiles.open(folder.segments);
  const moved = await moveToSegments(
    folder.store,
    newDatabase(folder),
    { files, state, random: systemRandom() },
    steps,
  );
  return { ...moved, damaged: 0 };
}

async function toSqlite(folder: DataFolder, steps: Steps): Promise<Counts & { readonly damaged: number }> {
  removeDatabase(newDatabase(folder));
  const state = new SqliteSegmentState(folder.segmentState);
  const files = await NodeSegmentFiles.open(folder.segments);
  return await moveToSqlite(folder.store, newDatabase(folder), { files, state, random: systemRandom() }, steps);
}

/** From one moment to the next the folder is of the other kind: the database's version says which. */
function replaceDatabase(folder: DataFolder, data: string): void {
  const old = new DatabaseSync(folder.store, { timeout: 2000 });
  const version = versionOf(old);
  // The last to close it copies its write-ahead log back and removes it; the new database must not find one.
  old.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  old.close();
  const fresh = newDatabase(folder);
  if (version !== SCHEMA_VERSION && version !== SEGMENTS_VERSION) throw new RangeError("a database of another version");
  if (existsSync(`${folder.store}-wal`))
    throw new RefusedError("Another program has the relay's database open. End it.");
  syncFile(fresh);
  renameSync(fresh, folder.store);
  syncFolder(data);
}

function finish(folder: DataFolder, data: string, to: EmbeddedKind): void {
  if (to === "sqlite") removeSegments(folder);
  removeDatabase(newDatabase(folder));
  syncFolder(data);
  finishWork(data);
}

function removeSegments({ segments, segmentState }: DataFolder): void {
  rmSync(segments, { recursive: true, force: true });
  removeDatabase(segmentState);
}

function syncFile(path: string): void {
  const file = openSync(path, "r+");
  fsyncSync(file);
  closeSync(file);
}
