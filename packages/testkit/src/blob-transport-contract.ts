import { sha256 } from "@stonechat/crypto";
import { MAX_BLOB_PART_BYTES, type BlobId, type Token, type TokenHash } from "@stonechat/protocol";
import type { BlobAnnouncing, BlobTransport } from "@stonechat/core";
import { afterEach, describe, expect, test } from "vitest";

/** A way to one relay that takes blobs of at most `maxBlobBytes`, at least 4 MiB, from anybody. */
export type BlobTransportFixture = {
  readonly transport: BlobTransport;
  readonly relayUrl: string;
  readonly maxBlobBytes: number;
  readonly close: () => Promise<void>;
};

const TOKEN = new Uint8Array(32).fill(7) as Token;
const OTHER_TOKEN = new Uint8Array(32).fill(8) as Token;

/** What every {@link BlobTransport} must do. The one in memory and the one over HTTP run it; the latter with a real relay. */
export function describeBlobTransport(name: string, create: () => Promise<BlobTransportFixture>): void {
  describe(`${name}: blob transport`, () => {
    let fixture: BlobTransportFixture | undefined;
    let used = 0;
    const begin = async (): Promise<BlobTransportFixture & { id: BlobId }> => {
      fixture = await create();
      used += 1;
      return { ...fixture, id: new Uint8Array(32).fill(used) as BlobId };
    };
    afterEach(async () => {
      await fixture?.close();
      fixture = undefined;
    });

    test("a blob is announced once, written in parts, and read by range", async () => {
      const { transport, relayUrl, id } = await begin();
      const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at);
      expect(await transport.announce(relayUrl, id, announcing(1000))).toEqual({ type: "announced" });
      expect(await transport.announce(relayUrl, id, announcing(1000))).toEqual({ type: "exists" });
      expect(await transport.status(relayUrl, id)).toEqual({ type: "status", offset: 0, size: 1000 });
      expect(await transport.write(relayUrl, id, TOKEN, 0, bytes.subarray(0, 400))).toEqual({
        type: "written",
        offset: 400,
      });
      expect(await transport.status(relayUrl, id)).toEqual({ type: "status", offset: 400, size: 1000 });
      expect(await transport.read(relayUrl, id, 0, 10)).toEqual({ type: "unknown" });
      expect(await transport.write(relayUrl, id, TOKEN, 400, bytes.subarray(400))).toEqual({
        type: "written",
        offset: 1000,
      });
      expect(await transport.read(relayUrl, id, 100, 50)).toEqual({
        type: "part",
        bytes: bytes.slice(100, 150),
        size: 1000,
      });
      expect(await transport.read(relayUrl, id, 990, 50)).toEqual({
        type: "part",
        bytes: bytes.slice(990),
        size: 1000,
      });
      expect(await transport.read(relayUrl, id, 1000, 50)).toEqual({
        type: "part",
        bytes: new Uint8Array(0),
        size: 1000,
      });
    });

    test("a part at another place is refused and says where the blob stands", async () => {
      const { transport, relayUrl, id } = await begin();
      await transport.announce(relayUrl, id, announcing(10));
      await transport.write(relayUrl, id, TOKEN, 0, Uint8Array.of(1, 2, 3));
      for (const offset of [0, 2, 4]) {
        const outcome = await transport.write(relayUrl, id, TOKEN, offset, Uint8Array.of(9));
        expect(outcome).toEqual({ type: "wrong-offset", offset: 3 });
      }
    });

    test("the greatest part passes; what is beyond the announced size does not", async () => {
      const { transport, relayUrl, id } = await begin();
      await transport.announce(relayUrl, id, announcing(MAX_BLOB_PART_BYTES + 5));
      const part = new Uint8Array(MAX_BLOB_PART_BYTES);
      expect(await transport.write(relayUrl, id, TOKEN, 0, part)).toEqual({
        type: "written",
        offset: MAX_BLOB_PART_BYTES,
      });
      const beyond = await transport.write(relayUrl, id, TOKEN, MAX_BLOB_PART_BYTES, new Uint8Array(6));
      expect(beyond).toEqual({ type: "too-large" });
    });

    test("an absent blob and a wrong token look the same", async () => {
      const { transport, relayUrl, id } = await begin();
      expect(await transport.status(relayUrl, id)).toEqual({ type: "unknown" });
      expect(await transport.read(relayUrl, id, 0, 1)).toEqual({ type: "unknown" });
      expect(await transport.write(relayUrl, id, TOKEN, 0, Uint8Array.of(1))).toEqual({ type: "unknown" });
      expect(await transport.remove(relayUrl, id, TOKEN)).toEqual({ type: "unknown" });
      await transport.announce(relayUrl, id, announcing(10));
      expect(await transport.write(relayUrl, id, OTHER_TOKEN, 0, Uint8Array.of(1))).toEqual({ type: "unknown" });
      expect(await transport.remove(relayUrl, id, OTHER_TOKEN)).toEqual({ type: "unknown" });
    });

    test("a removed blob is gone", async () => {
      const { transport, relayUrl, id } = await begin();
      await transport.announce(relayUrl, id, announcing(1));
      await transport.write(relayUrl, id, TOKEN, 0, Uint8Array.of(1));
      expect(await transport.remove(relayUrl, id, TOKEN)).toEqual({ type: "removed" });
      expect(await transport.read(relayUrl, id, 0, 1)).toEqual({ type: "unknown" });
    });

    test("a blob greater than the relay takes is refused when announced", async () => {
      const { transport, relayUrl, id, maxBlobBytes } = await begin();
      expect(await transport.announce(relayUrl, id, announcing(maxBlobBytes + 1))).toEqual({ type: "too-large" });
      expect(await transport.status(relayUrl, id)).toEqual({ type: "unknown" });
    });
  });
}

function announcing(size: number): BlobAnnouncing {
  const writeHash = sha256(TOKEN) as TokenHash; // what a token's hash is
  return { size, ttlSeconds: 3600, writeHash, admission: new Uint8Array(0) };
}
