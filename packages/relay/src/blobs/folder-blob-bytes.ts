import { mkdir, open, rename, statfs, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { NoRoomForBytesError, type BlobBytes } from "./blob-bytes.ts";

const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/** Parts of shared blobs as files of a folder that every relay sees: one disk, or a network file system. */
export class FolderBlobBytes implements BlobBytes {
  readonly #folder: string;
  readonly #reserveBytes: number;

  private constructor(folder: string, reserveBytes: number) {
    this.#folder = folder;
    this.#reserveBytes = reserveBytes;
  }

  /** Opens the folder, making it when absent. `reserveBytes` of the disk are left free. */
  static async open(folder: string, reserveBytes: number): Promise<FolderBlobBytes> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new FolderBlobBytes(folder, reserveBytes);
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#requireRoom(bytes.length);
      const path = join(this.#folder, name);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      // Under another name until it is whole, so that no relay ever sees half of it.
      {
        await using file = await open(`${path}.part`, "wx", 0o600);
        await file.writeFile(bytes);
        await file.sync();
      }
      await rename(`${path}.part`, path);
      for (const folder of [dirname(path), this.#folder]) {
        await using handle = await open(folder, "r");
        await handle.sync();
      }
    } catch (error) {
      if (DISK_FULL.has(codeOf(error))) throw new NoRoomForBytesError("no room", { cause: error });
      throw error;
    }
  }

  async get(name: string, offset: number, length: number): Promise<Uint8Array> {
    await using file = await open(join(this.#folder, name), "r");
    const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, offset);
    if (bytesRead < length) throw new RangeError("a part is shorter than it was");
    return buffer;
  }

  async remove(name: string): Promise<void> {
    for (const path of [join(this.#folder, name), join(this.#folder, `${name}.part`)]) {
      await unlink(path).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
    }
  }

  async #requireRoom(wanted: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.#folder);
    if (bavail * bsize - wanted < this.#reserveBytes) throw new NoRoomForBytesError("no room");
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
