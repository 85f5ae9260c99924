import { NoRoomForBytesError, type BlobBytes } from "../blobs/blob-bytes.ts";
import { bytesOf } from "./columns.ts";
import { kindOfFailure } from "./postgres-errors.ts";
import type { PostgresLink } from "./postgres-link.ts";

/** Parts of shared blobs in the database itself: for relays that have neither a folder nor a bucket in common. */
export class PostgresBlobBytes implements BlobBytes {
  readonly #link: PostgresLink;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#link.repeat(({ ask }) =>
        ask("INSERT INTO blob_bytes (name, body) VALUES ($1::text, $2::bytea) ON CONFLICT (name) DO NOTHING", [
          name,
          bytes,
        ]),
      );
    } catch (error) {
      if (kindOfFailure(error) === "full") throw new NoRoomForBytesError("no room", { cause: error });
      throw error;
    }
  }

  async get(name: string, offset: number, length: number): Promise<Uint8Array> {
    const [row] = await this.#link.repeat(({ ask }) =>
      ask("SELECT substr(body, $2::int, $3::int) AS body FROM blob_bytes WHERE name = $1::text", [
        name,
        offset + 1,
        length,
      ]),
    );
    const bytes = bytesOf(row?.["body"]);
    if (bytes.length !== length) throw new RangeError("a part is shorter than it was");
    return bytes;
  }

  async remove(name: string): Promise<void> {
    await this.#link.repeat(({ ask }) => ask("DELETE FROM blob_bytes WHERE name = $1::text", [name]));
  }
}
