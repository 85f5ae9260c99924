import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../store/database.ts";
import { StoreEngine } from "../../store/store-engine.ts";
import type { DiskImage } from "./disk-model.ts";
import type { Perform } from "./perform.ts";

export const SQLITE_LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 1e6 };
const FILE = "relay.sqlite";

/** SQLite's engine without a thread around it: answers come before the call returns. */
export interface SqliteSubject {
  readonly engine: StoreEngine;
  readonly perform: Perform;
  close(): void;
}

/** Opens the database in a folder. @param open - How; default: as the relay does. */
export function openSqliteSubject(folder: string, open: (path: string) => DatabaseSync = openDatabase): SqliteSubject {
  const db = open(join(folder, FILE));
  const engine = new StoreEngine(db, SQLITE_LIMITS);
  return {
    engine,
    perform: async (operation) => {
      const [outcome] = engine.run([operation]);
      if (outcome === undefined) throw new RangeError("the engine answered too little");
      return outcome;
    },
    close: () => {
      db.close();
    },
  };
}

/** Writes an image to a new folder, in memory where the machine has such a place. */
export function unpack(image: DiskImage): string {
  const folder = mkdtempSync(join(memoryFolder(), "stonechat-image-"));
  for (const [name, bytes] of image) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** Removes what {@link unpack} made. */
export function discard(folder: string): void {
  rmSync(folder, { recursive: true });
}

/** Where files cost no disk: images need not survive anything. */
export function memoryFolder(): string {
  return statSync("/dev/shm", { throwIfNoEntry: false })?.isDirectory() === true ? "/dev/shm" : tmpdir();
}
