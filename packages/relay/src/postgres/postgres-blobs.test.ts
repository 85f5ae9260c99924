import { systemRandom } from "@stonechat/crypto/issuer";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BlobBytes } from "../blobs/blob-bytes.ts";
import { FolderBlobBytes } from "../blobs/folder-blob-bytes.ts";
import { S3BlobBytes } from "../blobs/s3-blob-bytes.ts";
import {
  announcement,
  BLOB_LIMITS,
  blobId,
  describeBlobStore,
  NOW,
  part,
  readAll,
} from "../testing/blob-store-contract.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { startS3Double } from "../testing/s3-double.ts";
import { bodyOf, hashOf } from "../testing/service-fixture.ts";
import { PostgresBlobBytes } from "./postgres-blob-bytes.ts";
import { PostgresBlobStore } from "./postgres-blob-store.ts";
import { PostgresLink } from "./postgres-link.ts";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  async function link(url: string): Promise<PostgresLink> {
    const opened = await PostgresLink.open({ urls: [url], log: () => undefined });
    onTestFinished(() => opened.close());
    return opened;
  }

  async function storeWith(open: (link: PostgresLink) => BlobBytes | Promise<BlobBytes>): Promise<PostgresBlobStore> {
    const to = await link(await server().database());
    return PostgresBlobStore.open(to, await open(to), BLOB_LIMITS, systemRandom());
  }

  async function bucket() {
    const double = await startS3Double();
    onTestFinished(() => double.close());
    return double;
  }

  describeBlobStore("PostgreSQL and a folder", () =>
    storeWith(async () => FolderBlobBytes.open(await temporaryFolder(), 0)),
  );
  describeBlobStore("PostgreSQL and S3", () => storeWith(async () => new S3BlobBytes((await bucket()).place)));
  describeBlobStore("PostgreSQL alone", () => storeWith((to) => new PostgresBlobBytes(to)));

  /** Two relays over one database and one bucket. */
  async function two() {
    const url = await server().database();
    const double = await bucket();
    const open = async (): Promise<PostgresBlobStore> =>
      PostgresBlobStore.open(await link(url), new S3BlobBytes(double.place), { totalBytes: 1_000_000 }, systemRandom());
    return { a: await open(), b: await open(), double };
  }

  test("an upload goes on at another relay, and is read at both in any pieces", async () => {
    const { a, b } = await two();
    await a.announce(announcement(1, 30));
    await a.write(part(1, 0, bodyOf(1, 10)));
    expect(await b.write(part(1, 10, bodyOf(2, 10)))).toEqual({ type: "written", offset: 20, complete: false });
    expect(await a.status(blobId(1), NOW)).toEqual({ type: "status", offset: 20, size: 30 });
    expect(await a.write(part(1, 20, bodyOf(3, 10)))).toEqual({ type: "written", offset: 30, complete: true });
    const whole = Uint8Array.from([...bodyOf(1, 10), ...bodyOf(2, 10), ...bodyOf(3, 10)]);
    for (const store of [a, b]) {
      expect(await readAll(store, 1)).toEqual(whole);
      const blob = await store.open(blobId(1), NOW);
      if (blob.type === "open") expect(await blob.read(8, 15)).toEqual(whole.subarray(8, 23));
    }
  });

  test("of the same part at two relays at once one counts, and nothing of the other is left", async () => {
    const { a, b, double } = await two();
    await a.announce(announcement(1, 20));
    const outcomes = await Promise.all([a, b].map((store) => store.write(part(1, 0, bodyOf(1, 10)))));
    expect(outcomes.map(({ type }) => type).toSorted()).toEqual(["written", "wrong-offset"]);
    expect(double.objects.size).toBe(1);
  });

  test("the bytes of what was removed go with the next expiry anywhere; those of a lost upload, too", async () => {
    const { a, b, double } = await two();
    await a.announce(announcement(1, 10));
    await a.write(part(1, 0, bodyOf(1, 10)));
    await b.announce(announcement(2, 10));
    double.failing = 100;
    await expect(b.write(part(2, 0, bodyOf(1, 5)))).rejects.toThrow();
    double.failing = 0;
    await a.remove(blobId(1), hashOf("write"));
    await a.remove(blobId(2), hashOf("write"));
    expect(await b.open(blobId(1), NOW)).toEqual({ type: "unknown" });
    await b.expire(NOW, 10);
    expect(double.objects.size).toBe(0);
  });
});
