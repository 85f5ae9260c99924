import { constants } from "node:fs";
import { open, rm, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import type { FilePort, FileSink, FileSource } from "@stonechat/core";
import { mediaTypeOf } from "../files/media-type.ts";

/**
 * Files by their absolute path. A sink writes into a file that is already there and empty: whoever names the place also
 * makes sure that it is theirs (see `createDownload`).
 */
export const nodeFiles: FilePort = {
  openSource: async (file) => await openSource(pathOf(file)),
  openSink: async (target) => await openSink(pathOf(target)),
};

async function openSource(path: string): Promise<FileSource> {
  const handle = await open(path, constants.O_RDONLY);
  const { size } = await handle.stat();
  return {
    name: basename(path),
    type: mediaTypeOf(path),
    size,
    async read(at, length) {
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, at + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

async function openSink(path: string): Promise<FileSink> {
  const handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
  return {
    write: (bytes) => writeAll(handle, bytes),
    async close() {
      await handle.sync();
      await handle.close();
      return path;
    },
    async abort() {
      await handle.close();
      await rm(path, { force: true });
    },
  };
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, written);
    written += bytesWritten;
  }
}

function pathOf(file: unknown): string {
  if (typeof file !== "string") throw new RangeError("files are given by their path here");
  return file;
}
