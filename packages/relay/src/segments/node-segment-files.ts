import { constants } from "node:fs";
import { mkdir, open, readdir, rename, statfs, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { RangeReader } from "./range-reader.ts";
import type { SegmentFile, SegmentFiles } from "./segment-files.ts";

/** Segment files in a folder, which is made when absent. Writes and syncs run on the thread pool, not on the event loop. */
export class NodeSegmentFiles implements SegmentFiles {
  readonly #folder: string;
  readonly #ranges = new RangeReader();

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
    const path = join(this.#folder, name);
    return new NodeSegmentFile(await open(path, constants.O_RDWR), path, this.#ranges);
  }

  async create(name: string): Promise<SegmentFile> {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC;
    const path = join(this.#folder, name);
    return new NodeSegmentFile(await open(path, flags, 0o600), path, this.#ranges);
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
  readonly #path: string;
  readonly #ranges: RangeReader;
  /** Each write through it returns when it is on the disk. */
  #synced: FileHandle | undefined;

  constructor(handle: FileHandle, path: string, ranges: RangeReader) {
    this.#handle = handle;
    this.#path = path;
    this.#ranges = ranges;
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

  readMany(ranges: readonly { readonly at: number; readonly size: number }[]): Promise<Uint8Array> {
    return this.#ranges.read(this.#handle.fd, ranges);
  }

  write(bytes: Uint8Array, at: number): Promise<void> {
    return writeAll(this.#handle, bytes, at);
  }

  /** One trip to the thread pool instead of two: the event loop, when it is busy, is met half as often. */
  async writeSynced(bytes: Uint8Array, at: number): Promise<void> {
    this.#synced ??= await open(this.#path, constants.O_WRONLY | constants.O_DSYNC);
    await writeAll(this.#synced, bytes, at);
  }

  /** Times of the file are left to themselves; its length is not. */
  sync(): Promise<void> {
    return this.#handle.datasync();
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size);
  }

  async close(): Promise<void> {
    await this.#synced?.close();
    await this.#handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}
