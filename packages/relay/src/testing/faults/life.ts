import type { SegmentFile, SegmentFiles } from "../../segments/segment-files.ts";

/**
 * Files as one process sees them: when it is over, nothing that it still tries reaches the disk. In one process with its
 * tests a store that was given up would go on working otherwise, which no power cut allows.
 */
export class Life {
  #over = false;

  end(): void {
    this.#over = true;
  }

  files(files: SegmentFiles): SegmentFiles {
    return {
      list: () => this.#ask(() => files.list()),
      open: async (name) => this.#file(await this.#ask(() => files.open(name))),
      create: async (name) => this.#file(await this.#ask(() => files.create(name))),
      rename: (from, to) => this.#ask(() => files.rename(from, to)),
      remove: (name) => this.#ask(() => files.remove(name)),
      syncFolder: () => this.#ask(() => files.syncFolder()),
      freeBytes: () => this.#ask(() => files.freeBytes()),
    };
  }

  #file(file: SegmentFile): SegmentFile {
    return {
      size: () => this.#ask(() => file.size()),
      read: (into, at) => this.#ask(() => file.read(into, at)),
      write: (bytes, at) => this.#ask(() => file.write(bytes, at)),
      sync: () => this.#ask(() => file.sync()),
      truncate: (size) => this.#ask(() => file.truncate(size)),
      close: () => this.#ask(() => file.close()),
    };
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return this.#over ? Promise.reject(new Error("the process is gone")) : work();
  }
}
