import { closeSync, fstatSync, fsyncSync, linkSync, mkdirSync, openSync, readSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { createSha256 } from "@stonechat/crypto/issuer";

const PIECE_BYTES = 1024 * 1024;

/** What was copied. */
export interface Copied {
  readonly bytes: number;
  /** In hex. */
  readonly sha256: string;
  readonly changedAt: number;
}

/**
 * Copies the first `maxBytes` of a file to a new one, which is durable when this returns. The folder's entry is not: see
 * {@link syncFolder}. @throws the system's error, also when something lies at `to`.
 */
export function copyDurably(from: string, to: string, maxBytes = Infinity): Copied {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  const source = openSync(from, "r");
  try {
    const target = openSync(to, "wx", 0o600);
    try {
      const changedAt = Math.floor(fstatSync(source).mtimeMs);
      const hash = createSha256();
      const piece = new Uint8Array(PIECE_BYTES);
      let bytes = 0;
      while (bytes < maxBytes) {
        const length = readSync(source, piece, 0, Math.min(PIECE_BYTES, maxBytes - bytes), bytes);
        if (length === 0) break;
        hash.update(piece.subarray(0, length));
        writeAll(target, piece.subarray(0, length), bytes);
        bytes += length;
      }
      fsyncSync(target);
      return { bytes, sha256: Buffer.from(hash.digest()).toString("hex"), changedAt };
    } finally {
      closeSync(target);
    }
  } finally {
    closeSync(source);
  }
}

/** Reads a file that is to stay as it is. It is durable when this returns. */
export function measureDurably(path: string): Copied {
  const file = openSync(path, "r+");
  try {
    const hash = createSha256();
    const piece = new Uint8Array(PIECE_BYTES);
    let bytes = 0;
    for (let length = -1; length !== 0; bytes += length) {
      length = readSync(file, piece, 0, PIECE_BYTES, bytes);
      hash.update(piece.subarray(0, length));
    }
    fsyncSync(file);
    const changedAt = Math.floor(fstatSync(file).mtimeMs);
    return { bytes, sha256: Buffer.from(hash.digest()).toString("hex"), changedAt };
  } finally {
    closeSync(file);
  }
}

/** Makes the same file appear at a second place. @returns false where the file system cannot, or the file is gone. */
export function tryLink(from: string, to: string): boolean {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 });
  try {
    linkSync(from, to);
    return true;
  } catch {
    // Other file system, too many links, or none of the kind: then it is copied, which says what is really wrong.
    return false;
  }
}

/** Makes names that were added to a folder survive a power cut. */
export function syncFolder(folder: string): void {
  if (process.platform === "win32") return; // folders cannot be opened there
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeAll(file: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done, bytes.length - done, position + done);
}
