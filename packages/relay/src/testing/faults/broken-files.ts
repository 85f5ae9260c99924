import type { SegmentFile, SegmentFiles } from "../../segments/segment-files.ts";

/**
 * Ways in which a store may go wrong with its disk. Between a right store and its files they make a wrong store, so that
 * tests can show that they would notice: one that acknowledges before the sync, one that forgets that names need syncs
 * too, one that goes on after a failed sync, and one that tries it again.
 */
export type Carelessness = "acknowledges-early" | "forgets-names" | "ignores-failed-syncs" | "repeats-failed-syncs";

/** The files as a store with this fault would use them. */
export function carelessFiles(files: SegmentFiles, how: Carelessness): SegmentFiles {
  return {
    list: () => files.list(),
    open: async (name) => carelessFile(await files.open(name), how),
    create: async (name) => carelessFile(await files.create(name), how),
    rename: (from, to) => files.rename(from, to),
    remove: (name) => files.remove(name),
    syncFolder: () => (how === "forgets-names" ? Promise.resolve() : files.syncFolder()),
    freeBytes: () => files.freeBytes(),
  };
}

function carelessFile(file: SegmentFile, how: Carelessness): SegmentFile {
  return {
    size: () => file.size(),
    read: (into, at) => file.read(into, at),
    write: (bytes, at) => file.write(bytes, at),
    sync: () => carelessSync(file, how),
    truncate: (size) => file.truncate(size),
    close: () => file.close(),
  };
}

async function carelessSync(file: SegmentFile, how: Carelessness): Promise<void> {
  switch (how) {
    case "acknowledges-early":
      return;
    case "ignores-failed-syncs":
      await file.sync().catch(() => undefined);
      return;
    case "repeats-failed-syncs":
      await file.sync().catch(() => file.sync());
      return;
    case "forgets-names":
      await file.sync();
  }
}
