import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Cancellation,
  createHttpBlobTransport,
  downloadBlob,
  openFile,
  sealFile,
  uploadBlob,
  type BlobUpload,
  type TransferPorts,
} from "@stonechat/core";
import { initCrypto } from "@stonechat/crypto";
import type { BlobId, Token } from "@stonechat/protocol";
import { loadConfig, startRelay } from "@stonechat/relay";
import { PatternSink, patternSource } from "@stonechat/testkit/memory-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { expect, onTestFinished, test } from "vitest";
import { openNodeBlockFiles } from "./node-block-files.ts";
import { nodeClock } from "./node-clock.ts";
import { nodeHttp } from "./node-http.ts";

/** Set to 1024 for the size that we promise. */
const SIZE_MIB = Number(process.env["STONECHAT_LARGE_MIB"] ?? "64");
const SIZE = SIZE_MIB * 1024 * 1024 - 12_345;
const MAX_GROWTH_MIB = 200;

test(`a file of ${String(SIZE_MIB)} MiB goes through a relay and back in flat memory`, async () => {
  await initCrypto();
  const path = await mkdtemp(join(tmpdir(), "large-attachment-"));
  const flags = { data: join(path, "relay"), listen: "127.0.0.1:0", admission: "open" };
  const relay = await startRelay(loadConfig({ flags }), { log: () => undefined });
  const files = await openNodeBlockFiles(join(path, "profile"));
  onTestFinished(async () => {
    files.close();
    await relay.close();
    await rm(path, { recursive: true });
  });
  const random = repeatableRandom(1);
  const ports: TransferPorts = { transport: createHttpBlobTransport(nodeHttp), clock: nodeClock, random };
  const secrets = { key: random.bytes(32), prefix: random.bytes(7) };
  const right = { relayUrl: relay.url, blobId: random.bytes(32) as BlobId };
  const upload: BlobUpload = {
    ...right,
    writeToken: random.bytes(32) as Token,
    ttlSeconds: 3600,
    admission: new Uint8Array(0),
  };
  const stop = new Cancellation();
  const start = process.memoryUsage.rss();
  let peak = start;
  const watch = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };

  const staged = await files.open("staged");
  const begun = performance.now();
  const sealed = await sealFile(patternSource(SIZE), staged, secrets, stop, watch);
  const sealedAt = performance.now();
  await uploadBlob(ports, upload, staged, stop, watch);
  const uploadedAt = performance.now();
  const fetched = await files.open("fetched");
  await downloadBlob(ports, { ...sealed, ...right }, fetched, stop, watch);
  const downloadedAt = performance.now();
  const sink = new PatternSink();
  await openFile(fetched, { ...sealed, ...secrets }, sink, stop, watch);
  const speed = (from: number, to: number): string => ((SIZE_MIB * 1000) / (to - from)).toFixed(0);
  console.info(
    `${String(SIZE_MIB)} MiB: seal ${speed(begun, sealedAt)}, upload ${speed(sealedAt, uploadedAt)}, ` +
      `download ${speed(uploadedAt, downloadedAt)}, open ${speed(downloadedAt, performance.now())} MiB/s, ` +
      `${((peak - start) / 2 ** 20).toFixed(0)} MiB of memory more, relay included`,
  );
  expect(sink).toMatchObject({ size: SIZE, right: true, closed: true });
  expect((peak - start) / 2 ** 20).toBeLessThan(MAX_GROWTH_MIB);
  staged.close();
  fetched.close();
}, 600_000);
