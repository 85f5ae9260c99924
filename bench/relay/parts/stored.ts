import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { Row } from "../../row.ts";
import { openGreeted } from "../dialects/relay-greeting.ts";
import { takeEntries } from "../dialects/relay-frames.ts";
import { takeFrames } from "../load/web-socket.ts";
import { placeOf, startRelayChild } from "../relay-child.ts";
import { memoryOf } from "../memory.ts";
import { BODY_BYTES, sizeOf, type Scale } from "../scale.ts";
import { benchLog } from "../stores/bench-log.ts";
import { diskBytes, inFreshFolder } from "../stores/fresh-folder.ts";
import { runJob } from "../stores/run-job.ts";

const ENTRIES = { small: 500_000, full: 20_000_000 };
const ENTRIES_A_LOG = 2000;
const RESTARTS = 3;
const TARGET = { overheadPercent: 8, seconds: 10 };
const MIB = 1024 * 1024;

/** What many stored messages take of the disk, and how long after a kill a relay serves them again. */
export async function benchStored({ full }: Scale): Promise<Row[]> {
  const entries = sizeOf("BENCH_ENTRIES", full ? ENTRIES.full : ENTRIES.small);
  await initCrypto();
  return inFreshFolder(async (folder) => {
    const data = join(folder, "data");
    const logs = Math.ceil(entries / ENTRIES_A_LOG);
    const size = { logs, entries, bodyBytes: BODY_BYTES };
    const { rate } = await runJob({ do: "fill", kind: "usual", data, ...size, thenDie: true });
    const overhead = diskBytes(data) / (entries * BODY_BYTES) - 1;
    let slowest = 0;
    let memory = 0;
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const startedAt = performance.now();
      const relay = await startRelayChild([], { data });
      await firstEntry(relay.url, restart % logs);
      slowest = Math.max(slowest, (performance.now() - startedAt) / 1000);
      memory = Math.max(memory, memoryOf(relay.pid));
      await relay.kill();
      await relay.stop();
    }
    const stored = `${entries.toLocaleString("en")} stored 1 KiB messages`;
    return [
      { what: `${stored}: written by the store alone`, measured: rate, unit: "/s" },
      {
        what: `${stored}: disk beyond the bodies`,
        measured: 100 * overhead,
        unit: "%",
        target: { of: "measured", atMost: TARGET.overheadPercent },
      },
      {
        what: `${stored}: killed, started again, first message served; slowest of ${String(RESTARTS)}`,
        measured: slowest,
        unit: "s",
        target: { of: "measured", atMost: TARGET.seconds },
      },
      { what: `${stored}: memory of the relay then`, measured: memory / MIB, unit: "MiB" },
    ];
  });
}

/** Subscribes to a filled log from its beginning, and waits for its first message. */
async function firstEntry(url: string, log: number): Promise<void> {
  const { logId, token } = benchLog(log);
  const came = Promise.withResolvers<undefined>();
  const subscribe = { type: "subscribe", items: [{ logId, readToken: token, from: 0 }] } as const;
  const wire = await openGreeted(
    placeOf(url),
    [subscribe],
    () => (bytes) =>
      takeFrames(
        bytes,
        (payload, start, end) => {
          takeEntries(payload, start, end, () => {
            came.resolve(undefined);
          });
        },
        () => undefined,
      ),
  );
  await came.promise;
  wire.destroy();
}
