import { readFileSync } from "node:fs";
import { join } from "node:path";
import { initCrypto, systemRandom } from "@stonechat/crypto/issuer";
import { replyFrame, type EntryId, type RequestOf } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { startChildRelay } from "../testing/child-relay.ts";
import { noStrace } from "../testing/faults/strace.ts";
import { SyncTrace } from "../testing/faults/sync-trace.ts";
import { FrameClient } from "../testing/frame-client.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { ask } from "../testing/service-fixture.ts";

await initCrypto();
const CLIENTS = 4;
const ENTRIES = 40;
/**
 * Which sync fails, not while the store opens: strace counts for each thread, and segments are written on four, by
 * writes that return when they are durable.
 */
const STORES = [
  { store: "segments", file: "segments/0000000001.seg", failing: "pwrite64:error=EIO:when=6" },
  { store: "sqlite", file: "", failing: "fsync:error=EIO:when=25" },
] as const;
const random = systemRandom();

const absent = noStrace();
if (absent !== undefined) process.stdout.write(`the order of syncs and acknowledgements was not traced: ${absent}\n`);

interface Acknowledged {
  readonly entryId: Uint8Array;
  readonly frame: Uint8Array;
}

/** Appends one after the other. Requests are numbered from 2: the greeting was 1. */
async function append(client: FrameClient, n: number): Promise<readonly Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (let requestId = 2; requestId < ENTRIES + 2; requestId += 1) {
    const entryId = random.bytes(16) as EntryId;
    const request = { ...ask.append(n, 0, 0, 300), entryId } as RequestOf<"append">;
    const { seq } = await client.expect("appended", request);
    acknowledged.push({ entryId, frame: replyFrame.encode({ requestId, reply: { type: "appended", seq } }) });
  }
  return acknowledged;
}

for (const { store, file, failing } of STORES) {
  test.skipIf(absent !== undefined)(
    `${store}: each acknowledgement leaves the relay after the sync that covers it`,
    { timeout: 120_000 },
    async () => {
      const trace = join(await temporaryFolder(), "trace");
      const data = join(await temporaryFolder(), "data");
      const relay = await startChildRelay(data, { store }, ["strace", ...SyncTrace.options, "-o", trace]);
      const maker = await FrameClient.open(relay.url);
      await maker.expect("done", ask.create(1));
      const clients = await Promise.all(Array.from({ length: CLIENTS }, () => FrameClient.open(relay.url)));
      const acknowledged = (await Promise.all(clients.map((client) => append(client, 1)))).flat();
      relay.process.disconnect(); // it ends when nobody is left to stop it
      await relay.ended;

      const syncs = new SyncTrace(readFileSync(trace, "latin1"), data);
      const early = acknowledged.filter(({ entryId, frame }) => !syncs.coveredBeforeSent(entryId, frame));
      process.stdout.write(
        `${store}: ${String(acknowledged.length)} acknowledgements traced, ${String(early.length)} before their sync\n`,
      );
      expect(early).toEqual([]);
      expect(syncs.syncs).toBeGreaterThan(ENTRIES / 2);
    },
  );

  test.skipIf(absent !== undefined)(
    `${store}: the relay ends when a sync fails, and asks the disk for nothing more`,
    { timeout: 120_000 },
    async () => {
      const trace = join(await temporaryFolder(), "trace");
      const data = join(await temporaryFolder(), "data");
      const inject = ["-e", `inject=${failing}`, ...(file === "" ? [] : ["-P", join(data, file)])];
      const relay = await startChildRelay(data, { store }, ["strace", ...SyncTrace.options, ...inject, "-o", trace]);
      const client = await FrameClient.open(relay.url);
      await client.expect("done", ask.create(1));
      await expect(append(client, 1)).rejects.toThrow();
      expect(await relay.ended).toBe(1);
      expect(new SyncTrace(readFileSync(trace, "latin1"), data).afterFailure()).toEqual([]);
    },
  );
}
