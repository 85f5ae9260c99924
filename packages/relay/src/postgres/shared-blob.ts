import type { BlobBytes } from "../blobs/blob-bytes.ts";
import type { OpenBlob } from "../blobs/blob-store.ts";

/** A part of a complete blob: `length` bytes from `at`. */
export interface StoredPart {
  readonly name: string;
  readonly at: number;
  readonly length: number;
}

const PARTS_AT_ONCE = 64;

/** A complete blob of which the parts lie apart. Its reader goes forward, so parts are looked up some at a time. */
export class SharedBlob implements OpenBlob {
  readonly type = "open";
  readonly size: number;
  readonly #partsFrom: (offset: number, count: number) => Promise<readonly StoredPart[]>;
  readonly #bytes: BlobBytes;
  #parts: readonly StoredPart[] = [];

  /** @param partsFrom - the part that holds `offset`, and those behind it. */
  constructor(
    size: number,
    partsFrom: (offset: number, count: number) => Promise<readonly StoredPart[]>,
    bytes: BlobBytes,
  ) {
    this.size = size;
    this.#partsFrom = partsFrom;
    this.#bytes = bytes;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const end = Math.min(this.size, offset + length);
    const pieces: Uint8Array[] = [];
    for (let at = offset; at < end;) {
      const part = await this.#partAt(at);
      const until = Math.min(end, part.at + part.length);
      pieces.push(await this.#bytes.get(part.name, at - part.at, until - at));
      at = until;
    }
    return new Uint8Array(Buffer.concat(pieces));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #partAt(offset: number): Promise<StoredPart> {
    const holds = ({ at, length }: StoredPart): boolean => at <= offset && offset < at + length;
    const known = this.#parts.find(holds);
    if (known !== undefined) return known;
    this.#parts = await this.#partsFrom(offset, PARTS_AT_ONCE);
    const found = this.#parts.find(holds);
    if (found === undefined) throw new RangeError("the blob was removed while it was read");
    return found;
  }
}
