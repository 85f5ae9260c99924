import { equalSecrets, sha256, type Random } from "@stonechat/crypto/issuer";
import type { BlobId, TokenHash } from "@stonechat/protocol";
import { NoRoomForBytesError, type BlobBytes } from "../blobs/blob-bytes.ts";
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
} from "../blobs/blob-store.ts";
import type { Unknown } from "../logs/log-store.ts";
import { bytesOf, numberOf, type Row } from "./columns.ts";
import type { PostgresLink } from "./postgres-link.ts";
import { SharedBlob, type StoredPart } from "./shared-blob.ts";

const NOBODY = new Uint8Array(32);
const NAME_BYTES = 8;
/** Parts without a blob that one call of `expire` removes. */
const MAX_SWEPT = 200;

const FIND = "SELECT size, done, write_hash, expires_at FROM blob WHERE id = $1::bytea";
const ANNOUNCE = `
INSERT INTO blob (id, size, done, write_hash, expires_at, announced_at)
SELECT $1::bytea, $2::bigint, 0, $3::bytea, $4::bigint, $5::bigint
WHERE (SELECT coalesce(sum(size), 0) FROM blob) + $2::bigint <= $6::bigint
ON CONFLICT (id) DO NOTHING RETURNING id`;
/** The part counts only if the blob still stands where it begins. */
const COUNT_PART = `
WITH moved AS (UPDATE blob SET done = done + $3::bigint WHERE id = $1::bytea AND done = $4::bigint RETURNING id)
UPDATE blob_part SET stored = true FROM moved WHERE blob_part.blob = moved.id AND blob_part.name = $2::text
RETURNING blob_part.name`;
/** Parts of what is gone are loose: an index of their own finds them. */
const LOOSEN = `loose AS (UPDATE blob_part SET stored = false FROM gone WHERE blob_part.blob = gone.id)`;
const REMOVE = `WITH gone AS (DELETE FROM blob WHERE id = $1::bytea RETURNING id), ${LOOSEN} SELECT id FROM gone`;
const EXPIRE = `
WITH gone AS (
  DELETE FROM blob WHERE id IN (
    SELECT id FROM blob WHERE expires_at <= $1::bigint OR (done < size AND announced_at <= $2::bigint) LIMIT $3::int
  ) RETURNING id
), ${LOOSEN}
SELECT id FROM gone`;
const ORPHANS = `
SELECT name FROM blob_part
WHERE NOT stored AND NOT EXISTS (SELECT 1 FROM blob WHERE blob.id = blob_part.blob) LIMIT ${String(MAX_SWEPT)}`;

/**
 * Blobs that several relays share: what there is stands in the database, the bytes lie where {@link BlobBytes} puts them. A
 * part is noted before its bytes are put, and counts once they are there: what a crash leaves behind is found and removed.
 *
 * The total may be passed by what is announced in the same moment at several relays.
 */
export class PostgresBlobStore implements BlobStore {
  readonly #link: PostgresLink;
  readonly #bytes: BlobBytes;
  readonly #random: Random;
  #limits: BlobLimits;
  #stats: BlobStats = { blobs: 0, bytes: 0 };

  private constructor(link: PostgresLink, bytes: BlobBytes, limits: BlobLimits, random: Random) {
    this.#link = link;
    this.#bytes = bytes;
    this.#limits = limits;
    this.#random = random;
  }

  static async open(
    link: PostgresLink,
    bytes: BlobBytes,
    limits: BlobLimits,
    random: Random,
  ): Promise<PostgresBlobStore> {
    const store = new PostgresBlobStore(link, bytes, limits, random);
    await store.#look();
    return store;
  }

  async announce({ blobId, size, writeHash, expiresAt, now }: NewBlob): Promise<AnnounceOutcome> {
    const key = sha256(blobId);
    let tries = 0;
    const outcome = await this.#link.repeat(async ({ ask }): Promise<AnnounceOutcome> => {
      tries += 1;
      const [known] = await ask(FIND, [key]);
      // Found at a second try, untouched and with the same token: it was the first that made it.
      const ours = tries > 1 && known !== undefined && equalSecrets(writeHash, bytesOf(known["write_hash"]));
      if (known !== undefined) return { type: ours ? "announced" : "exists" };
      const made = await ask(ANNOUNCE, [key, size, writeHash, expiresAt, now, this.#limits.totalBytes]);
      if (made.length > 0) return { type: "announced" };
      const [met] = await ask(FIND, [key]);
      return { type: met === undefined ? "full" : "exists" };
    });
    await this.#look();
    return outcome;
  }

  async write({ blobId, writeHash, offset, bytes, now }: BlobPart): Promise<WriteOutcome> {
    const key = sha256(blobId);
    const row = await this.#alive(key, now);
    const right = equalSecrets(writeHash, bytesOf(row?.["write_hash"] ?? NOBODY));
    if (row === undefined || !right) return { type: "unknown" };
    const [done, size] = [numberOf(row["done"]), numberOf(row["size"])];
    if (offset !== done) return { type: "wrong-offset", offset: done };
    if (offset + bytes.length > size) return { type: "too-large" };
    if (bytes.length === 0) return { type: "written", offset, complete: done === size };
    const name = this.#newName(key);
    try {
      await this.#link.repeat(({ ask }) =>
        ask(
          "INSERT INTO blob_part (blob, name, at, length, stored) VALUES ($1::bytea, $2::text, $3::bigint, $4::int, false) ON CONFLICT DO NOTHING",
          [key, name, offset, bytes.length],
        ),
      );
      await this.#bytes.put(name, bytes);
    } catch (error) {
      if (error instanceof NoRoomForBytesError) return { type: "storage-full" };
      throw error;
    }
    if (await this.#count(key, name, offset, bytes.length)) {
      const end = offset + bytes.length;
      return { type: "written", offset: end, complete: end === size };
    }
    // Somebody else was here meanwhile.
    await this.#sweep([name]);
    const standing = await this.status(blobId, now);
    return standing.type === "unknown" ? standing : { type: "wrong-offset", offset: standing.offset };
  }

  async status(blobId: BlobId, now: number): Promise<BlobStatusOutcome> {
    const row = await this.#alive(sha256(blobId), now);
    if (row === undefined) return { type: "unknown" };
    return { type: "status", offset: numberOf(row["done"]), size: numberOf(row["size"]) };
  }

  async open(blobId: BlobId, now: number): Promise<OpenBlob | Unknown> {
    const key = sha256(blobId);
    const row = await this.#alive(key, now);
    if (row === undefined || numberOf(row["done"]) !== numberOf(row["size"])) return { type: "unknown" };
    const partsFrom = (offset: number, count: number): Promise<readonly StoredPart[]> =>
      this.#partsFrom(key, offset, count);
    return new SharedBlob(numberOf(row["size"]), partsFrom, this.#bytes);
  }

  async remove(blobId: BlobId, writeHash: TokenHash): Promise<{ readonly type: "removed" } | Unknown> {
    const key = sha256(blobId);
    const [row] = await this.#link.repeat(({ ask }) => ask(FIND, [key]));
    const right = equalSecrets(writeHash, bytesOf(row?.["write_hash"] ?? NOBODY));
    if (row === undefined || !right) return { type: "unknown" };
    await this.#link.repeat(({ ask }) => ask(REMOVE, [key]));
    await this.#look();
    // The bytes go with the next slices of expiry, wherever that runs.
    return { type: "removed" };
  }

  async expire(now: number, max: number): Promise<number> {
    const gone = await this.#link.repeat(({ ask }) => ask(EXPIRE, [now, now - ORPHAN_MS, max]));
    const orphans = await this.#link.repeat(({ ask }) => ask(ORPHANS));
    await this.#sweep(orphans.map((row) => String(row["name"])));
    if (gone.length > 0) await this.#look();
    return gone.length;
  }

  /** As of the last change that this relay made, or of its last look. */
  stats(): BlobStats {
    return this.#stats;
  }

  setLimits(limits: BlobLimits): void {
    this.#limits = limits;
  }

  async #alive(key: Uint8Array, now: number): Promise<Row | undefined> {
    const [row] = await this.#link.repeat(({ ask }) => ask(FIND, [key]));
    return row !== undefined && numberOf(row["expires_at"]) > now ? row : undefined;
  }

  /** @returns false if the blob does not stand there any more. */
  #count(key: Uint8Array, name: string, offset: number, length: number): Promise<boolean> {
    return this.#link.repeat(async ({ ask }) => {
      const counted = await ask(COUNT_PART, [key, name, length, offset]);
      if (counted.length > 0) return true;
      // A try before may have counted it, and its answer was lost.
      const [part] = await ask("SELECT stored FROM blob_part WHERE blob = $1::bytea AND name = $2::text", [key, name]);
      return part?.["stored"] === true;
    });
  }

  async #partsFrom(key: Uint8Array, offset: number, count: number): Promise<readonly StoredPart[]> {
    const rows = await this.#link.repeat(({ ask }) =>
      ask(
        "SELECT name, at, length FROM blob_part WHERE blob = $1::bytea AND stored AND at + length > $2::bigint ORDER BY at LIMIT $3::int",
        [key, offset, count],
      ),
    );
    return rows.map((row) => ({ name: String(row["name"]), at: numberOf(row["at"]), length: numberOf(row["length"]) }));
  }

  /** The row goes last: whatever is left behind in between is found again. */
  async #sweep(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.#bytes.remove(name);
      await this.#link.repeat(({ ask }) => ask("DELETE FROM blob_part WHERE name = $1::text", [name]));
    }
  }

  async #look(): Promise<void> {
    const [row] = await this.#link.repeat(({ ask }) =>
      ask("SELECT count(*) AS blobs, coalesce(sum(size), 0)::bigint AS bytes FROM blob"),
    );
    this.#stats = { blobs: numberOf(row?.["blobs"]), bytes: numberOf(row?.["bytes"]) };
  }

  /** Tells nothing of the blob's id, and is used once. */
  #newName(key: Uint8Array): string {
    const random = Buffer.from(this.#random.bytes(NAME_BYTES)).toString("hex");
    return `${Buffer.from(key.subarray(0, 1)).toString("hex")}/${Buffer.from(key.subarray(0, 8)).toString("hex")}-${random}`;
  }
}
