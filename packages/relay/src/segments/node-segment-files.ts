import { constants } from "node:fs";
import { mkdir, open, readdir, rename, statfs, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";

/** Segment files in a folder, which is made when absent. Writes and syncs run on the thread pool, not on the event loop. */
export class NodeSegmentFiles implements SegmentFiles {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<NodeSegmentFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new NodeSegmentFiles(folder);
  }

  list(): Promise<readonly string[]> {
    return readdir(this.#folder);
  }

  async open(name: string): Promise<SegmentFile> {
    return new NodeSegmentFile(await open(join(this.#folder, name), constants.O_RDWR));
  }

  async create(name: string): Promise<SegmentFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC;
    return new NodeSegmentFile(await open(join(this.#folder, name), flags, 0o600));
  }

  rename(from: string, to: string): Promise<void> {
    return rename(join(this.#folder, from), join(this.#folder, to));
  }

  remove(name: string): Promise<void> {
    return unlink(join(this.#folder, name));
  }

  async syncFolder(): Promise<void> {
    const folder = await open(this.#folder, constants.O_RDONLY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize;
  }
}

class NodeSegmentFile implements SegmentFile {
  readonly #handle: FileHandle;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  async size(): Promise<number> {
    return (await this.#handle.stat()).size;
  }

  async read(into: Uint8Array, at: number): Promise<number> {
    let done = 0;
    while (done < into.length) {
      const { bytesRead } = await this.#handle.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  async write(bytes: Uint8Array, at: number): Promise<void> {
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, at + done);
      done += bytesWritten;
    }
  }

  /** Times of the file are left to themselves; its length is not. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
