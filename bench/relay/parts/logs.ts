import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import { MAX_SUBSCRIBE_ITEMS } from "@stonechat/protocol";
import type { Row } from "../../row.ts";
import { onlyPings, openGreeted } from "../dialects/relay-greeting.ts";
import type { Wire } from "../load/wire.ts";
import { memoryOf } from "../memory.ts";
import { placeOf, startRelayChild } from "../relay-child.ts";
import { BODY_BYTES, type Scale } from "../scale.ts";
import { benchLog } from "../stores/bench-log.ts";
import { inFreshFolder } from "../stores/fresh-folder.ts";
import { runJob } from "../stores/run-job.ts";

const LOGS = { small: 20_000, full: 100_000 };
const ENTRIES_A_LOG = 10;
const SETTLE_MS = 5000;
const TARGET_MIB = 512;
const MIB = 1024 * 1024;

/** Memory of a relay that was started on many logs, before and after each of them has a follower. */
export async function benchLogs({ full }: Scale): Promise<Row[]> {
  const logs = full ? LOGS.full : LOGS.small;
  const entries = logs * ENTRIES_A_LOG;
  await initCrypto();
  return inFreshFolder(async (folder) => {
    const data = join(folder, "data");
    await runJob({ do: "fill", kind: "usual", data, logs, entries, bodyBytes: BODY_BYTES, thenDie: false });
    const relay = await startRelayChild([], { data });
    try {
      await sleep(SETTLE_MS);
      const started = memoryOf(relay.pid);
      const wires = await followAll(relay.url, logs);
      await sleep(SETTLE_MS);
      const followed = memoryOf(relay.pid);
      for (const wire of wires) wire.destroy();
      const what = `${logs.toLocaleString("en")} logs, ${entries.toLocaleString("en")} messages: memory of the relay`;
      return [
        { what: `${what}, started`, measured: started / MIB, unit: "MiB" },
        {
          what: `${what}, every log followed`,
          measured: followed / MIB,
          unit: "MiB",
          target: { of: "measured", atMost: TARGET_MIB },
        },
      ];
    } finally {
      await relay.stop();
    }
  });
}

/** As many logs on each connection as one request may name, each from its end. */
async function followAll(url: string, logs: number): Promise<readonly Wire[]> {
  const wires: Wire[] = [];
  for (let first = 0; first < logs; first += MAX_SUBSCRIBE_ITEMS) {
    const items = Array.from({ length: Math.min(MAX_SUBSCRIBE_ITEMS, logs - first) }, (_, i) => {
      const { logId, token } = benchLog(first + i);
      return { logId, readToken: token, from: ENTRIES_A_LOG };
    });
    wires.push(await openGreeted(placeOf(url), [{ type: "subscribe", items }], onlyPings));
  }
  return wires;
}
