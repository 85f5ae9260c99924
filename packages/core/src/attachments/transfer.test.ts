import { initCrypto } from "@stonechat/crypto";
import type { BlobId, Token } from "@stonechat/protocol";
import { ManualClock } from "@stonechat/testkit/manual-clock";
import { MemoryBlobTransport } from "@stonechat/testkit/memory-blob-transport";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { memorySource, pattern } from "@stonechat/testkit/memory-files";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { beforeAll, describe, expect, test } from "vitest";
import type { BlockFile } from "../ports/block-file.ts";
import { Cancellation } from "./cancellation.ts";
import { downloadBlob, type BlobDownload } from "./download-blob.ts";
import { sealFile } from "./seal-file.ts";
import { uploadBlob, type BlobUpload } from "./upload-blob.ts";

const SIZE = 2_500_000;
const UPLOAD: BlobUpload = {
  relayUrl: "https://relay.example",
  blobId: new Uint8Array(32).fill(3) as BlobId,
  writeToken: new Uint8Array(32).fill(4) as Token,
  ttlSeconds: 3600,
  admission: new Uint8Array(0),
};
const ignore = (): void => undefined;

beforeAll(initCrypto);

/** A sealed file, a relay, and an empty file to download into. */
async function begin(seed = 1): Promise<Scene> {
  const transport = new MemoryBlobTransport();
  const clock = new ManualClock();
  const fractions = createSeededFractions(seed);
  const random = { bytes: (length: number) => Uint8Array.from({ length }, () => fractions() * 256) };
  const files = new MemoryBlockFiles(seed);
  const source = await files.open("source");
  const secrets = { key: new Uint8Array(32).fill(1), prefix: new Uint8Array(7).fill(2) };
  const description = await sealFile(memorySource(pattern(0, SIZE)), source, secrets, new Cancellation(), ignore);
  const blob = { ...description, relayUrl: UPLOAD.relayUrl, blobId: UPLOAD.blobId };
  return { transport, clock, ports: { transport, clock, random }, files, source, blob };
}
type Scene = {
  readonly transport: MemoryBlobTransport;
  readonly clock: ManualClock;
  readonly ports: Parameters<typeof uploadBlob>[0];
  readonly files: MemoryBlockFiles;
  readonly source: BlockFile;
  readonly blob: BlobDownload;
};

async function upload(
  { clock, ports, source }: Scene,
  onProgress = ignore as (done: number, total: number) => void,
): Promise<void> {
  await clock.runUntil(uploadBlob(ports, UPLOAD, source, new Cancellation(), onProgress));
}

async function download(scene: Scene, target: BlockFile, blob = scene.blob): Promise<void> {
  await scene.clock.runUntil(downloadBlob(scene.ports, blob, target, new Cancellation(), ignore));
}

test("a blob goes up and comes down whole, telling of its progress", async () => {
  const scene = await begin();
  const heard: number[] = [];
  await upload(scene, (done, total) => {
    expect(total).toBe(scene.blob.storedSize);
    heard.push(done);
  });
  expect(heard).toEqual([0, 1_048_576, 2_097_152, scene.blob.storedSize]);
  const target = await scene.files.open("target");
  await download(scene, target);
  expectSame(contents(target), contents(scene.source));
  expect(scene.clock.pending).toBe(0);
});

test.each(Array.from({ length: 20 }, (_, seed) => seed))(
  "lost requests and replies change nothing in the end (seed %i)",
  async (seed) => {
    const scene = await begin(seed);
    const dice = createSeededFractions(seed);
    scene.transport.decide = () => (dice() < 0.4 ? (dice() < 0.5 ? "lost-request" : "lost-reply") : undefined);
    await upload(scene);
    expectSame(scene.transport.contents(UPLOAD.blobId), contents(scene.source));
    const target = await scene.files.open("target");
    await download(scene, target);
    expectSame(contents(target), contents(scene.source));
  },
);

test("waiting for an unreachable relay grows to a minute and no further", async () => {
  const scene = await begin();
  let failures = 0;
  scene.transport.decide = () => (failures++ < 40 ? "lost-request" : undefined);
  const begun = scene.clock.now();
  await upload(scene);
  const minutes = (scene.clock.now() - begun) / 60_000;
  expect(minutes).toBeGreaterThan(5);
  expect(minutes).toBeLessThan(40);
});

test("an upload goes on where the relay stands", async () => {
  const scene = await begin();
  const stop = new Cancellation();
  const first = uploadBlob(scene.ports, UPLOAD, scene.source, stop, (done) => {
    if (done > 0) stop.cancel();
  });
  await expect(scene.clock.runUntil(first)).rejects.toMatchObject({ name: "AttachmentError", code: "cancelled" });
  const heard: number[] = [];
  await upload(scene, (done) => heard.push(done));
  expect(heard[0]).toBeGreaterThan(0);
  expectSame(scene.transport.contents(UPLOAD.blobId), contents(scene.source));
  // Asking once more for what is done already writes nothing.
  const before = scene.transport.operations;
  await upload(scene);
  expect(scene.transport.operations).toBe(before + 1);
});

test("an upload that the relay forgot half-way begins anew, but not for ever", async () => {
  const scene = await begin();
  let forgotten = false;
  await upload(scene, (done) => {
    if (done > 0 && !forgotten) scene.transport.forget(UPLOAD.blobId);
    forgotten ||= done > 0;
  });
  expectSame(scene.transport.contents(UPLOAD.blobId), contents(scene.source));
  scene.transport.forget(UPLOAD.blobId);
  const hopeless = upload(scene, (done) => {
    if (done > 0) scene.transport.forget(UPLOAD.blobId);
  });
  await expect(hopeless).rejects.toMatchObject({ code: "gone" });
});

test("a relay that holds something else under the id, or takes no such size, ends the upload", async () => {
  const scene = await begin();
  scene.transport.replace(UPLOAD.blobId, new Uint8Array(10));
  await expect(upload(scene)).rejects.toMatchObject({ code: "gone" });
  scene.transport.forget(UPLOAD.blobId);
  scene.transport.maxBlobBytes = SIZE;
  await expect(upload(scene)).rejects.toMatchObject({ code: "too-large" });
});

test("cancelling ends a wait at once and leaves no timer", async () => {
  const scene = await begin();
  scene.transport.decide = () => "lost-request";
  const stop = new Cancellation();
  const uploading = uploadBlob(scene.ports, UPLOAD, scene.source, stop, ignore);
  while (scene.clock.pending === 0) await Promise.resolve();
  stop.cancel();
  await expect(uploading).rejects.toMatchObject({ code: "cancelled" });
  expect(scene.clock.pending).toBe(0);
});

describe("a download", () => {
  test("goes on with what is there from before", async () => {
    const scene = await begin();
    await upload(scene);
    const target = await scene.files.open("target");
    target.write(contents(scene.source).subarray(0, 2_000_000), 0);
    const before = scene.transport.operations;
    await download(scene, target);
    expect(scene.transport.operations - before).toBe(1);
    expectSame(contents(target), contents(scene.source));
  });

  test.each([100, SIZE + 500_000])("begins anew when the %i bytes from before were torn", async (length) => {
    const scene = await begin();
    await upload(scene);
    const target = await scene.files.open("target");
    target.write(new Uint8Array(length).fill(1), 0);
    await download(scene, target);
    expectSame(contents(target), contents(scene.source));
  });

  test("of a blob that is not there says gone", async () => {
    const scene = await begin();
    await expect(download(scene, await scene.files.open("target"))).rejects.toMatchObject({ code: "gone" });
  });

  test("of other bytes, or of another size, leaves nothing", async () => {
    const scene = await begin();
    const target = await scene.files.open("target");
    const right = contents(scene.source);
    const flipped = right.slice();
    flipped[1_500_000] = (flipped[1_500_000] ?? 0) ^ 1;
    for (const wrong of [flipped, right.slice(0, -1), right.slice(0, 10), Buffer.concat([right, Uint8Array.of(1)])]) {
      scene.transport.replace(UPLOAD.blobId, new Uint8Array(wrong));
      await expect(download(scene, target)).rejects.toMatchObject({ name: "AttachmentError", code: "damaged" });
      expect(target.size()).toBe(0);
    }
  });

  test("whose sizes cannot be true asks the relay for nothing", async () => {
    const scene = await begin();
    await upload(scene);
    const target = await scene.files.open("target");
    const before = scene.transport.operations;
    await expect(download(scene, target, { ...scene.blob, storedSize: 10 })).rejects.toMatchObject({ code: "damaged" });
    await expect(download(scene, target, { ...scene.blob, size: 2 ** 50 })).rejects.toMatchObject({
      code: "too-large",
    });
    expect(scene.transport.operations).toBe(before);
  });

  test("into a full disk says so, and goes on when there is space", async () => {
    const scene = await begin();
    await upload(scene);
    const target = await scene.files.open("target");
    scene.files.capacity = scene.files.size() + 1_200_000;
    await expect(download(scene, target)).rejects.toMatchObject({ name: "StorageError", code: "full" });
    scene.files.capacity = Infinity;
    await download(scene, target);
    expectSame(contents(target), contents(scene.source));
  });

  test("survives power loss at any moment", async () => {
    for (let seed = 0; seed < 15; seed += 1) {
      const scene = await begin(seed);
      await upload(scene);
      scene.source.flush();
      const expected = contents(scene.source);
      const cutAt = scene.files.operations + (seed % 5);
      scene.files.decide = ({ number }) => (number >= cutAt ? "power-cut" : undefined);
      const target = await scene.files.open("target");
      await download(scene, target).catch((error: unknown) => {
        expect(error).toMatchObject({ name: "StorageError" });
      });
      scene.files.crash();
      const again = await scene.files.open("target");
      await download(scene, again);
      expectSame(contents(again), expected);
    }
  });
});

function contents(file: BlockFile): Uint8Array {
  const bytes = new Uint8Array(file.size());
  file.read(bytes, 0);
  return bytes;
}

/** Like `toEqual`, which takes half a second for megabytes. */
function expectSame(found: Uint8Array | undefined, expected: Uint8Array): void {
  expect(found !== undefined && Buffer.compare(found, expected) === 0).toBe(true);
}
