import { duplexPair } from "node:stream";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { openAdmission } from "../admission/admission.ts";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import type { RelayStore } from "../store/relay-store.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { Hub } from "./hub.ts";
import { Link } from "./link.ts";
import { toHubBatch } from "./link-messages.ts";
import { LinkedStores } from "./linked-stores.ts";

await initCrypto();

const LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 0 };
const BODY_BYTES = 60_000;
const READ = { logId: logId(1), readHash: hashOf("r"), from: 0, limit: 500, maxBytes: 1e6, now: 0 };

function setUp(maxUnreadBytes: number) {
  const logs = new MemoryLogStore(LIMITS);
  const seen = { reads: 0, events: [] as string[] };
  const store: RelayStore = {
    create: (log) => logs.create(log),
    append: (entry) => logs.append(entry),
    commit: (entry) => logs.commit(entry),
    read: (what) => {
      seen.reads += 1;
      return logs.read(what);
    },
    destroy: (log) => logs.destroy(log),
    expire: (now, maxEntries) => logs.expire(now, maxEntries),
    stats: () => logs.stats(),
    pools: new MemoryPoolStore(),
    failed: Promise.withResolvers<never>().promise,
    storageLow: false,
    close: () => Promise.resolve(),
  };
  const log = ({ event }: { readonly event: string }): void => {
    seen.events.push(event);
  };
  const hub = new Hub({ store, admission: openAdmission, log, maxUnreadBytes });
  const [well, ours] = duplexPair();
  hub.accept(ours);
  const [stuck, theirs] = duplexPair();
  hub.accept(theirs);
  return { front: new LinkedStores(well, "open").store, stuck, theirs, seen };
}

async function fill(store: RelayStore, count: number): Promise<void> {
  await store.create({ logId: logId(1), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: undefined });
  for (let n = 0; n < count; n += 1) {
    const outcome = await store.append({
      ...{ logId: logId(1), appendHash: hashOf("a"), entryId: entryId(n) },
      ...{ expiresAt: 1e13, body: bodyOf(n, BODY_BYTES) },
    });
    expect(outcome.type).toBe("appended");
  }
}

test("a front that reads nothing any more is let go of, and the others go on", async () => {
  const { front, theirs, seen } = setUp(500_000);
  await fill(front, 5);
  expect(theirs.destroyed).toBe(false);
  await fill(front, 20);
  expect(theirs.destroyed).toBe(true);
  expect(seen.events).toEqual(["front-too-slow"]);
});

test("a front that asks and does not read is heard again only when it has read", async () => {
  const { front, stuck, seen } = setUp(Infinity);
  await fill(front, 16);
  const [batches, asked] = [40, 40 * 5];
  const link = new Link(
    stuck,
    () => undefined,
    () => undefined,
  );
  stuck.pause();
  const turns = async (count: number): Promise<void> => {
    for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
  };
  for (let batch = 0; batch < batches; batch += 1) {
    const asks = [0, 1, 2, 3, 4].map((n) => {
      const operation = { type: "read", ...READ } as const;
      return { type: "ask", id: batch * 5 + n, operation } as const;
    });
    link.send(toHubBatch.encode(asks));
    await turns(2);
  }
  await turns(50);
  expect(seen.reads).toBeLessThan(asked / 4);
  stuck.resume();
  while (seen.reads < asked) await turns(1);
});
