import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { startS3Double, type S3Double } from "../testing/s3-double.ts";
import { bodyOf } from "../testing/service-fixture.ts";
import { NoRoomForBytesError, type BlobBytes } from "./blob-bytes.ts";
import { FolderBlobBytes } from "./folder-blob-bytes.ts";
import { S3BlobBytes } from "./s3-blob-bytes.ts";

async function bucket(): Promise<S3Double> {
  const double = await startS3Double();
  onTestFinished(() => double.close());
  return double;
}

describe.each<readonly [name: string, open: () => Promise<BlobBytes>]>([
  ["folder", async () => FolderBlobBytes.open(await temporaryFolder(), 0)],
  ["S3", async () => new S3BlobBytes((await bucket()).place)],
])("%s: bytes of blobs", (_name, open) => {
  test("gives back what was put, whole or in pieces, until it is removed", async () => {
    const bytes = await open();
    await bytes.put("aa/one", Uint8Array.of(0, 1, 2, 3, 4));
    await bytes.put("ab/two", bodyOf(9, 100_000));
    expect(await bytes.get("aa/one", 0, 5)).toEqual(Uint8Array.of(0, 1, 2, 3, 4));
    expect(await bytes.get("aa/one", 3, 2)).toEqual(Uint8Array.of(3, 4));
    expect(await bytes.get("aa/one", 2, 0)).toHaveLength(0);
    expect(await bytes.get("ab/two", 0, 100_000)).toEqual(bodyOf(9, 100_000));
    await bytes.remove("aa/one");
    await bytes.remove("aa/one");
    await expect(bytes.get("aa/one", 0, 5)).rejects.toThrow();
    expect(await bytes.get("ab/two", 99_999, 1)).toEqual(bodyOf(9, 1));
  });

  test("what is shorter than it was is not given out", async () => {
    const bytes = await open();
    await bytes.put("aa/one", bodyOf(1, 4));
    await expect(bytes.get("aa/one", 2, 4)).rejects.toThrow(RangeError);
  });
});

test("folder: half a part is never seen, and goes with it", async () => {
  const folder = await temporaryFolder();
  const bytes = await FolderBlobBytes.open(folder, 0);
  await bytes.put("aa/one", bodyOf(1));
  await writeFile(join(folder, "aa/two.part"), "half");
  await expect(bytes.get("aa/two", 0, 4)).rejects.toThrow();
  await bytes.remove("aa/two");
  expect(await readdir(join(folder, "aa"))).toEqual(["one"]);
});

test("folder: what would leave too little room is refused", async () => {
  const bytes = await FolderBlobBytes.open(await temporaryFolder(), Number.MAX_SAFE_INTEGER);
  await expect(bytes.put("aa/one", bodyOf(1))).rejects.toThrow(NoRoomForBytesError);
});

test("S3: the bucket refuses a wrong secret, and then everything is unavailable", async () => {
  const double = await bucket();
  const bytes = new S3BlobBytes({ ...double.place, secret: "another" });
  await expect(bytes.put("aa/one", bodyOf(1))).rejects.toMatchObject({ code: "store-unavailable" });
  expect(double).toMatchObject({ refused: 1, objects: new Map() });
});

test("S3: a bucket that is busy for a moment is asked again", async () => {
  const double = await bucket();
  const bytes = new S3BlobBytes(double.place);
  double.failing = 2;
  await bytes.put("aa/one", bodyOf(1));
  expect(await bytes.get("aa/one", 0, 8)).toEqual(bodyOf(1));
  double.failing = 100;
  await expect(bytes.get("aa/one", 0, 8)).rejects.toMatchObject({ code: "store-unavailable" });
});
