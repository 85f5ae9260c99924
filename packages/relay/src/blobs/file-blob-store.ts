import { mkdir, open, readdir, rename, statfs, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join } from "node:path";
import { equalSecrets, sha256 } from "@stonechat/crypto/issuer";
import { WireError, type BlobId, type TokenHash } from "@stonechat/protocol";
import type { Unknown } from "../logs/log-store.ts";
import { BLOB_HEADER_BYTES, blobHeader, ENCODED_HEADER_BYTES, type BlobHeader } from "./blob-file.ts";
import {
  ORPHAN_MS,
  type AnnounceOutcome,
  type BlobLimits,
  type BlobPart,
  type BlobStats,
  type BlobStatusOutcome,
  type BlobStore,
  type NewBlob,
  type OpenBlob,
  type WriteOutcome,
} from "./blob-store.ts";

/** What is remembered of each blob, so that quota and expiry need no disk. */
interface Known {
  header: BlobHeader;
  complete: boolean;
  /** Somebody writes to it, or it is being removed. */
  busy: boolean;
}

const NOBODY = new Uint8Array(32);
const DISK_FULL: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

/**
 * Blobs as files, named by the hash of their id so that the folder's listing opens nothing: `ab/abcd….part` while it
 * grows, `.blob` when complete. A part is acknowledged after its sync, the last one after that of the folder too.
 */
export class FileBlobStore implements BlobStore {
  readonly #folder: string;
  #limits: BlobLimits;
  #reserveBytes: number;
  readonly #known = new Map<string, Known>();
  #bytes = 0;

  private constructor(folder: string, limits: BlobLimits, reserveBytes: number) {
    this.#folder = folder;
    this.#limits = limits;
    this.#reserveBytes = reserveBytes;
  }

  /** Opens the folder, making it when absent, and reads the head of each file in it. A file that is no blob is removed. */
  static async open(folder: string, limits: BlobLimits, reserveBytes: number): Promise<FileBlobStore> {
    const store = new FileBlobStore(folder, limits, reserveBytes);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const shard of await readdir(folder)) {
      for (const name of await readdir(join(folder, shard))) await store.#load(join(folder, shard, name), name);
    }
    return store;
  }

  async announce({ blobId, size, writeHash, expiresAt, now }: NewBlob): Promise<AnnounceOutcome> {
    const key = keyOf(blobId);
    if (this.#known.has(key)) return { type: "exists" };
    if (this.#bytes + size > this.#limits.totalBytes) return { type: "full" };
    const header: BlobHeader = { size, offset: 0, expiresAt, announcedAt: now, writeHash };
    const known: Known = { header, complete: false, busy: true };
    this.#remember(key, known);
    try {
      if (await this.#lowOnSpace(size)) throw new NoRoomError();
      const path = this.#path(key, false);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await using file = await open(path, "wx", 0o600);
      await writeHeader(file, header);
      if (size === 0) await this.#complete(key, known, file);
      known.busy = false;
      return { type: "announced" };
    } catch (error) {
      await this.#forget(key, known);
      if (isDiskFull(error)) return { type: "storage-full" };
      throw error;
    }
  }

  async write({ blobId, writeHash, offset, bytes, now }: BlobPart): Promise<WriteOutcome> {
    const key = keyOf(blobId);
    const known = this.#alive(key, now);
    const right = equalSecrets(writeHash, known?.header.writeHash ?? NOBODY);
    if (known === undefined || !right) return { type: "unknown" };
    if (offset !== known.header.offset) return { type: "wrong-offset", offset: known.header.offset };
    if (offset + bytes.length > known.header.size) return { type: "too-large" };
    if (known.busy) return { type: "busy" };
    if (bytes.length === 0) return { type: "written", offset, complete: known.complete };
    known.busy = true;
    try {
      if (await this.#lowOnSpace(bytes.length)) return { type: "storage-full" };
      await using file = await open(this.#path(key, false), "r+");
      await writeAll(file, bytes, BLOB_HEADER_BYTES + offset);
      await file.datasync();
      const header = { ...known.header, offset: offset + bytes.length };
      await writeHeader(file, header);
      if (header.offset === header.size) await this.#complete(key, known, file);
      known.header = header;
      return { type: "written", offset: header.offset, complete: known.complete };
    } catch (error) {
      if (isDiskFull(error)) return { type: "storage-full" };
      throw error;
    } finally {
      known.busy = false;
    }
  }

  status(blobId: BlobId, now: number): Promise<BlobStatusOutcome> {
    const known = this.#alive(keyOf(blobId), now);
    if (known === undefined) return Promise.resolve({ type: "unknown" });
    const { offset, size } = known.header;
    return Promise.resolve({ type: "status", offset, size });
  }

  async open(blobId: BlobId, now: number): Promise<OpenBlob | Unknown> {
    const key = keyOf(blobId);
    const known = this.#alive(key, now);
    if (known?.complete !== true) return { type: "unknown" };
    const file = await open(this.#path(key, true), "r");
    return {
      type: "open",
      size: known.header.size,
      async read(offset, length) {
        const { bytesRead, buffer } = await file.read(new Uint8Array(length), 0, length, BLOB_HEADER_BYTES + offset);
        return buffer.subarray(0, bytesRead);
      },
      close: () => file.close(),
    };
  }

  async remove(blobId: BlobId, writeHash: TokenHash): Promise<{ readonly type: "removed" } | Unknown> {
    const key = keyOf(blobId);
    const known = this.#known.get(key);
    const right = equalSecrets(writeHash, known?.header.writeHash ?? NOBODY);
    if (known === undefined || !right) return { type: "unknown" };
    await this.#forget(key, known);
    return { type: "removed" };
  }

  async expire(now: number, max: number): Promise<number> {
    let removed = 0;
    for (const [key, known] of this.#known) {
      const { expiresAt, announcedAt } = known.header;
      const over = expiresAt <= now || (!known.complete && announcedAt + ORPHAN_MS <= now);
      if (!over || known.busy) continue;
      if (removed === max) break;
      await this.#forget(key, known);
      removed += 1;
    }
    return removed;
  }

  stats(): BlobStats {
    return { blobs: this.#known.size, bytes: this.#bytes };
  }

  setLimits(limits: BlobLimits, reserveBytes: number): void {
    this.#limits = limits;
    this.#reserveBytes = reserveBytes;
  }

  async #complete(key: string, known: Known, file: FileHandle): Promise<void> {
    await file.datasync();
    await rename(this.#path(key, false), this.#path(key, true));
    await using folder = await open(dirname(this.#path(key, true)), "r");
    await folder.sync();
    known.complete = true;
  }

  async #load(path: string, name: string): Promise<void> {
    const [key = "", extension] = name.split(".");
    const complete = extension === "blob";
    try {
      await using file = await open(path, "r");
      const { buffer, bytesRead } = await file.read(new Uint8Array(ENCODED_HEADER_BYTES), 0, ENCODED_HEADER_BYTES, 0);
      const header = blobHeader.decode(buffer.subarray(0, bytesRead));
      if (this.#path(key, complete) === path) {
        this.#remember(key, { header, complete, busy: false });
        return;
      }
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
    }
    // A crash came before the header was on disk: nobody was told of this blob.
    await unlink(path);
  }

  #remember(key: string, known: Known): void {
    this.#known.set(key, known);
    this.#bytes += known.header.size;
  }

  async #forget(key: string, known: Known): Promise<void> {
    if (!this.#known.delete(key)) return;
    this.#bytes -= known.header.size;
    for (const complete of [true, false]) {
      await unlink(this.#path(key, complete)).catch((error: unknown) => {
        if (codeOf(error) !== "ENOENT") throw error;
      });
    }
  }

  #alive(key: string, now: number): Known | undefined {
    const known = this.#known.get(key);
    return known !== undefined && known.header.expiresAt > now ? known : undefined;
  }

  async #lowOnSpace(wanted: number): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#folder);
    return bavail * bsize - wanted < this.#reserveBytes;
  }

  #path(key: string, complete: boolean): string {
    return join(this.#folder, key.slice(0, 2), `${key}.${complete ? "blob" : "part"}`);
  }
}

class NoRoomError extends Error {
  override readonly name = "NoRoomError";
  readonly code = "ENOSPC";
}

function keyOf(blobId: BlobId): string {
  return Buffer.from(sha256(blobId)).toString("hex");
}

async function writeHeader(file: FileHandle, header: BlobHeader): Promise<void> {
  await writeAll(file, blobHeader.encode(header), 0);
}

async function writeAll(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length)
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function isDiskFull(error: unknown): boolean {
  return DISK_FULL.has(codeOf(error));
}
