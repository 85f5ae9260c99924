import type { SegmentFile, SegmentFiles } from "../../segments/segment-files.ts";

/** Files that end their own process, as `kill -9` does, at calls that change the disk: a write when half of it is done. */
export function deadlyFiles(files: SegmentFiles, now: () => boolean): SegmentFiles {
  const meet = (): void => {
    if (now()) process.kill(process.pid, "SIGKILL");
  };
  return {
    list: () => files.list(),
    freeBytes: () => files.freeBytes(),
    open: async (name) => deadlyFile(await files.open(name), now, meet),
    create: async (name) => {
      meet();
      return deadlyFile(await files.create(name), now, meet);
    },
    rename: (from, to) => {
      meet();
      return files.rename(from, to);
    },
    remove: (name) => {
      meet();
      return files.remove(name);
    },
    syncFolder: () => {
      meet();
      return files.syncFolder();
    },
  };
}

function deadlyFile(file: SegmentFile, now: () => boolean, meet: () => void): SegmentFile {
  const half = async (bytes: Uint8Array, at: number): Promise<void> => {
    await file.write(bytes.subarray(0, Math.floor(bytes.length / 2)), at);
    process.kill(process.pid, "SIGKILL");
  };
  return {
    size: () => file.size(),
    read: (into, at) => file.read(into, at),
    close: () => file.close(),
    write: async (bytes, at) => {
      if (now()) await half(bytes, at);
      await file.write(bytes, at);
    },
    writeSynced: async (bytes, at) => {
      if (now()) await half(bytes, at);
      if (file.writeSynced !== undefined) {
        await file.writeSynced(bytes, at);
        return;
      }
      await file.write(bytes, at);
      await file.sync();
    },
    sync: () => {
      meet();
      return file.sync();
    },
    truncate: (size) => {
      meet();
      return file.truncate(size);
    },
  };
}
