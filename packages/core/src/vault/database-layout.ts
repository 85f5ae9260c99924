import type { BlockFile } from "../ports/block-file.ts";
import type { BlockFiles } from "../ports/block-files.ts";
import { StorageError } from "../ports/storage-error.ts";
import type { DatabaseFiles } from "./block-file-vfs.ts";
import type { Connection } from "./connection.ts";
import { GatheringFile } from "./gathering-file.ts";
import { RamFile } from "./ram-file.ts";

/**
 * Small pages for plain files: a commit writes whole pages, and a received message touches about fifteen of 512 bytes or
 * of 1024. The smaller ones write 13 KiB instead of 20 and cost a tenth more time in bulk work.
 */
const PLAIN_PAGE_BYTES = 512;
/** In a slot a page is a block: what is written at once and encrypted at once. */
const SLOT_PAGE_BYTES = 4096;
const CACHE_KIB = 8192;

/** A database's files, open, and how it is kept on them. */
export type DatabaseLayout = DatabaseFiles & { readonly journalMode: "wal" | "memory"; readonly pageBytes: number };

/**
 * Opens the files of the database `name` in the way that suits them.
 *
 * [Note: How the database is kept durable and small]
 *
 * On files whose flush is atomic (a slot of the vault) SQLite keeps its journal in memory, writes pages only when it
 * commits (no spilling of its cache before), and the flush is the commit. Nothing but the one file is on the disk. If the
 * flush fails, the file is what it was, and so is every page that SQLite writes back.
 *
 * On plain files (a simulated device, a baseline) a write-ahead log with `synchronous=FULL`: one flush a commit, and a
 * commit writes each touched page once. The exclusive lock does away with shared memory, which no file layer of ours has.
 * Checkpoints are ours (not SQLite's automatic ones) so that they run after the commit was reported, and empty the log:
 * what was deleted leaves the disk.
 */
export async function openLayout(files: BlockFiles, name: string): Promise<DatabaseLayout> {
  if (files.flushIsAtomic === true) {
    const main = await files.open(name);
    const [log, journal] = [new RamFile(), new RamFile()];
    return { main, log, journal, journalMode: "memory", pageBytes: SLOT_PAGE_BYTES };
  }
  const opened: BlockFile[] = [];
  const open = async (suffix: string): Promise<BlockFile> => {
    const file = await files.open(name + suffix);
    opened.push(file);
    return new GatheringFile(file);
  };
  try {
    const [main, log, journal] = [await open(""), await open("-wal"), await open("-journal")];
    return { main, log, journal, journalMode: "wal", pageBytes: PLAIN_PAGE_BYTES };
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
}

/** Tells a new connection how its database is kept: see the note above. @throws StorageError if SQLite will not. */
export function configure(connection: Connection, { journalMode, pageBytes }: DatabaseLayout): void {
  connection.execute(`
    PRAGMA page_size = ${String(pageBytes)};
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA journal_mode = ${journalMode};
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_spill = ${journalMode === "memory" ? "OFF" : "ON"};
    PRAGMA secure_delete = ON;
    PRAGMA foreign_keys = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA cache_size = -${String(CACHE_KIB)};
  `);
  const wanted = { journal_mode: journalMode, synchronous: 2, secure_delete: 1, foreign_keys: 1 };
  for (const [pragma, value] of Object.entries(wanted)) {
    const found = connection.get(`PRAGMA ${pragma}`, [])?.[pragma];
    if (found !== value) throw new StorageError("io", `configure ${pragma}`);
  }
  const spill = connection.get("PRAGMA cache_spill", [])?.["cache_spill"];
  if (journalMode === "memory" && spill !== 0) throw new StorageError("io", "configure cache_spill");
}
