import { systemRandom } from "@stonechat/crypto/issuer";
import type { EntryId } from "@stonechat/protocol";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { RelayStore } from "../../../packages/relay/src/store/relay-store.ts";
import { benchLog } from "../../relay/stores/bench-log.ts";
import { diskBytes, inFreshFolder } from "../../relay/stores/fresh-folder.ts";
import { openStore } from "../../relay/stores/open-store.ts";

const LOGS = 5000;
const ENTRIES_A_LOG = 20;
const BODY_BYTES = 64;
const AT_ONCE = 5000;
const MONTH_MS = 30 * 24 * 3600 * 1000;

/** What a store keeps in memory and on disk for what is in it, in bytes. */
export interface Kept {
  readonly logBytes: number;
  readonly entryBytes: number;
  readonly entryDiskBytes: number;
}

/**
 * A store in this very process, whose garbage can be collected before its memory is read. It is opened anew each time, so
 * that what it holds of its newest entries is not counted: that has a limit.
 */
export async function measureKept(kind: string): Promise<Kept> {
  return inFreshFolder(async (folder) => {
    const logs = Array.from({ length: LOGS }, (_, i) => benchLog(i));
    const body = new Uint8Array(BODY_BYTES);
    const count = LOGS * ENTRIES_A_LOG;
    const opened = async (work: (store: RelayStore) => Promise<void>): Promise<number> => {
      const { store, close } = await openStore(kind, folder);
      const bytes = liveBytes();
      await work(store);
      await close();
      return bytes;
    };
    const empty = await opened((store) => each(LOGS, (i) => create(store, i)));
    const before = diskBytes(folder);
    const created = await opened((store) =>
      each(count, async (i) => {
        const log = logs[i % LOGS];
        if (log === undefined) throw new RangeError("no log to append to");
        const entryId = systemRandom().bytes(16) as EntryId; // 16 bytes, as entry ids have
        const expiresAt = Date.now() + MONTH_MS;
        await store.append({ logId: log.logId, appendHash: log.hash, entryId, expiresAt, body });
      }),
    );
    const entryDiskBytes = (diskBytes(folder) - before) / count - BODY_BYTES;
    const full = await opened(() => Promise.resolve());
    const logBytes = Math.max(0, created - empty) / LOGS;
    return { logBytes, entryBytes: Math.max(0, full - created) / count, entryDiskBytes };
  });
}

async function create(store: RelayStore, index: number): Promise<void> {
  const { logId, hash } = benchLog(index);
  await store.create({ logId, readHash: hash, appendHash: hash, ownerHash: undefined });
}

async function each(count: number, work: (index: number) => Promise<void>): Promise<void> {
  for (let first = 0; first < count; first += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => work(first + i)));
}

/** Of the heap and of arrays outside of it, when nothing of it is garbage. */
function liveBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void; // what the flag brings
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
