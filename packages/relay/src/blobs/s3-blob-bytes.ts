import { AwsClient } from "aws4fetch";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import type { BlobBytes } from "./blob-bytes.ts";

/** A bucket, and who may use it. */
export interface S3Place {
  /** `https://ENDPOINT/BUCKET`, or with further folders behind it. */
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
}

const ANSWER_MS = 30_000;
/** Answers of 429 and 5xx are asked again so often, with growing pauses. */
const RETRIES = 3;

/**
 * Parts of shared blobs as objects of S3-compatible storage, requests signed with Signature Version 4. An upload grows by
 * whole objects: a part of ours is smaller than the least that a multipart upload takes.
 */
export class S3BlobBytes implements BlobBytes {
  readonly #url: string;
  readonly #client: AwsClient;

  constructor({ url, region, keyId, secret }: S3Place) {
    this.#url = url.replace(/\/$/, "");
    this.#client = new AwsClient({
      ...{ accessKeyId: keyId, secretAccessKey: secret, region },
      service: "s3",
      retries: RETRIES,
    });
  }

  async put(name: string, bytes: Uint8Array): Promise<void> {
    const body = new Uint8Array(bytes); // a copy over plain memory, as fetch wants it
    await this.#ask(name, { method: "PUT", body }, 200);
  }

  async get(name: string, offset: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    const range = `bytes=${String(offset)}-${String(offset + length - 1)}`;
    const response = await this.#ask(name, { headers: { range } }, 206);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length !== length) throw new RangeError("a part is shorter than it was");
    return bytes;
  }

  async remove(name: string): Promise<void> {
    const response = await this.#ask(name, { method: "DELETE" }, 204, 200, 404);
    await response.arrayBuffer();
  }

  /** @throws StoreUnavailableError unless the answer is one of those that are `expected`. */
  async #ask(name: string, init: RequestInit, ...expected: readonly number[]): Promise<Response> {
    try {
      const response = await this.#client.fetch(`${this.#url}/${name}`, {
        ...init,
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (expected.includes(response.status)) return response;
      await response.body?.cancel();
      throw new Error(`the storage answered ${String(response.status)}`);
    } catch (error) {
      throw new StoreUnavailableError({ cause: error });
    }
  }
}
