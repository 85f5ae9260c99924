import type { BlockFile } from "../ports/block-file.ts";
import type { BlockFiles } from "../ports/block-files.ts";

interface Shared {
  readonly file: Promise<BlockFile>;
  uses: number;
}

/** Lets several readers have one file open at a time; it is closed when the last of them closes it. */
export class SharedFiles {
  readonly #files: Pick<BlockFiles, "open">;
  readonly #open = new Map<string, Shared>();

  constructor(files: Pick<BlockFiles, "open">) {
    this.#files = files;
  }

  isInUse(name: string): boolean {
    return this.#open.has(name);
  }

  /** As {@link BlockFiles.open}, and never `busy` because of who opened it here. */
  async open(name: string): Promise<BlockFile> {
    const shared = this.#open.get(name) ?? { file: this.#files.open(name), uses: 0 };
    this.#open.set(name, shared);
    shared.uses += 1;
    try {
      return toHandle(await shared.file, () => this.#release(name, shared));
    } catch (error) {
      this.#release(name, shared);
      throw error;
    }
  }

  /** Whether that was the last use. */
  #release(name: string, shared: Shared): boolean {
    shared.uses -= 1;
    if (shared.uses > 0) return false;
    this.#open.delete(name);
    return true;
  }
}

function toHandle(file: BlockFile, release: () => boolean): BlockFile {
  let closed = false;
  return {
    read: (into, at) => file.read(into, at),
    write: (bytes, at) => {
      file.write(bytes, at);
    },
    truncate: (size) => {
      file.truncate(size);
    },
    flush: () => {
      file.flush();
    },
    size: () => file.size(),
    close: () => {
      if (closed) return;
      closed = true;
      if (release()) file.close();
    },
  };
}
