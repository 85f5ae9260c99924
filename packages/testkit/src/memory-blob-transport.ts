import { createHash } from "node:crypto";
import type {
  AnnounceOutcome,
  BlobAnnouncing,
  BlobTransport,
  ReadOutcome,
  StatusOutcome,
  UnknownBlob,
  WriteOutcome,
} from "@stonechat/core";
import { MAX_BLOB_PART_BYTES, type BlobId, type Token } from "@stonechat/protocol";

type StoredBlob = { readonly size: number; readonly writeHash: string; bytes: Uint8Array; offset: number };
export type BlobOperation = "announce" | "write" | "status" | "read" | "remove";
/** `lost-request`: nothing happens; `lost-reply`: it happens, and the answer is lost. */
export type BlobFault = "lost-request" | "lost-reply";

/** A relay's blobs in memory, for one relay whatever its address, behind a network that fails as told. */
export class MemoryBlobTransport implements BlobTransport {
  /** Asked before each operation; `number` counts them from 0. */
  decide: (operation: BlobOperation, number: number) => BlobFault | undefined = () => undefined;
  operations = 0;
  maxBlobBytes = Infinity;
  readonly #blobs = new Map<string, StoredBlob>();

  async announce(_relayUrl: string, blobId: BlobId, blob: BlobAnnouncing): Promise<AnnounceOutcome> {
    return this.#meet("announce", () => {
      if (blob.size > this.maxBlobBytes) return { type: "too-large" };
      if (this.#blobs.has(hex(blobId))) return { type: "exists" };
      const { size, writeHash } = blob;
      this.#blobs.set(hex(blobId), { size, writeHash: hex(writeHash), bytes: new Uint8Array(size), offset: 0 });
      return { type: "announced" };
    });
  }

  async write(
    _relayUrl: string,
    blobId: BlobId,
    writeToken: Token,
    offset: number,
    bytes: Uint8Array,
  ): Promise<WriteOutcome> {
    const part = bytes.slice();
    return this.#meet("write", () => {
      const blob = this.#blobs.get(hex(blobId));
      if (blob?.writeHash !== sha256Hex(writeToken)) return { type: "unknown" };
      if (offset !== blob.offset) return { type: "wrong-offset", offset: blob.offset };
      if (part.length > MAX_BLOB_PART_BYTES || offset + part.length > blob.size) return { type: "too-large" };
      blob.bytes.set(part, offset);
      blob.offset += part.length;
      return { type: "written", offset: blob.offset };
    });
  }

  async status(_relayUrl: string, blobId: BlobId): Promise<StatusOutcome> {
    return this.#meet("status", () => {
      const blob = this.#blobs.get(hex(blobId));
      return blob === undefined ? { type: "unknown" } : { type: "status", offset: blob.offset, size: blob.size };
    });
  }

  async read(_relayUrl: string, blobId: BlobId, offset: number, length: number): Promise<ReadOutcome> {
    return this.#meet("read", () => {
      const blob = this.#blobs.get(hex(blobId));
      if (blob === undefined || blob.offset < blob.size) return { type: "unknown" };
      return { type: "part", bytes: blob.bytes.slice(offset, offset + length), size: blob.size };
    });
  }

  async remove(
    _relayUrl: string,
    blobId: BlobId,
    writeToken: Token,
  ): Promise<{ readonly type: "removed" } | UnknownBlob | { type: "unavailable" }> {
    return this.#meet("remove", () => {
      if (this.#blobs.get(hex(blobId))?.writeHash !== sha256Hex(writeToken)) return { type: "unknown" };
      this.#blobs.delete(hex(blobId));
      return { type: "removed" };
    });
  }

  /** The relay loses a blob, as by expiry. */
  forget(blobId: BlobId): void {
    this.#blobs.delete(hex(blobId));
  }

  /** What the relay holds, complete or not; undefined if nothing. */
  contents(blobId: BlobId): Uint8Array | undefined {
    const blob = this.#blobs.get(hex(blobId));
    return blob?.bytes.subarray(0, blob.offset);
  }

  /** A relay that lies: replaces a blob with a complete one. */
  replace(blobId: BlobId, bytes: Uint8Array): void {
    this.#blobs.set(hex(blobId), { size: bytes.length, writeHash: "", bytes, offset: bytes.length });
  }

  async #meet<T>(operation: BlobOperation, work: () => T): Promise<T | { type: "unavailable" }> {
    const fault = this.decide(operation, this.operations);
    this.operations += 1;
    await Promise.resolve();
    if (fault === "lost-request") return { type: "unavailable" };
    const outcome = work();
    return fault === "lost-reply" ? { type: "unavailable" } : outcome;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
