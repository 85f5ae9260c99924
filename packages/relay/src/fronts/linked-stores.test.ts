import { duplexPair, type Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { initCrypto } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, describeLogStore } from "@stonechat/testkit";
import { expect, test } from "vitest";
import { openAdmission, type Admission } from "../admission/admission.ts";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { MemoryPoolStore } from "../pools/memory-pool-store.ts";
import type { StoredEntry } from "../service/wake-ups.ts";
import { StoreFailedError, type RelayStore } from "../store/relay-store.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { Hub } from "./hub.ts";
import { LinkedStores } from "./linked-stores.ts";

await initCrypto();

/** A memory store with what a relay's store has besides. */
function memoryStore(limits = CONTRACT_LIMITS): RelayStore {
  const logs = new MemoryLogStore(limits);
  return {
    create: (log) => logs.create(log),
    append: (entry) => logs.append(entry),
    commit: (entry) => logs.commit(entry),
    read: (what) => logs.read(what),
    destroy: (log) => logs.destroy(log),
    expire: (now, maxEntries) => logs.expire(now, maxEntries),
    stats: () => logs.stats(),
    pools: new MemoryPoolStore(),
    failed: Promise.withResolvers<never>().promise,
    storageLow: false,
    close: () => Promise.resolve(),
  };
}

function hubAndFronts(count: number, admission: Admission = openAdmission, store = memoryStore()) {
  const hub = new Hub({ store, admission, log: () => undefined });
  const fronts = Array.from({ length: count }, () => {
    const [here, there] = connectedPair();
    hub.accept(there);
    return new LinkedStores(here, admission.kind);
  });
  return { hub, fronts };
}

/** Two ends of one stream, as a socket has them: when one is closed, so is the other. */
function connectedPair(): readonly [Duplex, Duplex] {
  const [here, there] = duplexPair();
  here.once("close", () => there.destroy());
  there.once("close", () => here.destroy());
  return [here, there];
}

function only(fronts: readonly LinkedStores[], at = 0): LinkedStores {
  const front = fronts[at];
  if (front === undefined) throw new RangeError("no such front");
  return front;
}

describeLogStore("a front's link to the hub", () => {
  const { fronts } = hubAndFronts(1);
  const { store } = only(fronts);
  return Promise.resolve({ store, close: () => store.close() });
});

const CREATE = { logId: logId(1), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: hashOf("o") };
const append = (n: number) => ({
  ...{ logId: logId(1), appendHash: hashOf("a"), entryId: entryId(n) },
  ...{ expiresAt: 1e15, body: bodyOf(n) },
});
const READ = { logId: logId(1), readHash: hashOf("r"), from: 0, limit: 500, maxBytes: 1e6, now: 0 };

async function turns(): Promise<void> {
  for (let left = 50; left > 0; left -= 1) await turn();
}

function listening(front: LinkedStores): { readonly stored: StoredEntry[]; changed: number } {
  const heard = { stored: [] as StoredEntry[], changed: 0 };
  front.wakeUps.listen({
    stored: (entry) => heard.stored.push(entry),
    changed: () => {
      heard.changed += 1;
    },
    reached: () => undefined,
    missed: () => undefined,
  });
  return heard;
}

test("a front hears what the others stored, not what it stored itself, and each entry once", async () => {
  const { fronts } = hubAndFronts(2);
  const [a, b] = [only(fronts, 0), only(fronts, 1)];
  const [heardByA, heardByB] = [listening(a), listening(b)];
  await a.store.create(CREATE);
  await Promise.all([a.store.append(append(1)), b.store.append(append(2)), a.store.append(append(1))]);
  await a.store.destroy({ logId: logId(1), ownerHash: hashOf("o") });
  while (heardByA.stored.length === 0 || heardByB.stored.length === 0 || heardByB.changed === 0) await turn();
  await turns(); // anything more would come now
  expect(heardByA.stored.map(({ entry }) => entry.entryId)).toEqual([entryId(2)]);
  expect(heardByB.stored.map(({ entry }) => entry.entryId)).toEqual([entryId(1)]);
  expect([heardByA.changed, heardByB.changed]).toEqual([0, 1]);
});

test("whatever is stored after a read is heard after its reader went on", async () => {
  const { fronts } = hubAndFronts(2);
  const [reader, writer] = [only(fronts, 0), only(fronts, 1)];
  await writer.store.create(CREATE);
  const order: string[] = [];
  reader.wakeUps.listen({
    stored: ({ entry }) => order.push(`heard ${String(entry.seq)}`),
    changed: () => undefined,
    reached: () => undefined,
    missed: () => undefined,
  });
  const follow = async (): Promise<void> => {
    const page = await reader.store.read(READ);
    order.push(`read to ${String(page.type === "page" ? page.end : -1)}`);
  };
  for (let n = 0; n < 50; n += 1) await Promise.all([writer.store.append(append(n)), follow()]);
  while (order.filter((word) => word.startsWith("heard")).length < 50) await turn();
  for (let seq = 0; seq < 50; seq += 1) {
    const heard = order.indexOf(`heard ${String(seq)}`);
    // No read that came to an end before this entry was heard too early for its reader.
    const before = order.slice(heard).filter((word) => word.startsWith("read to") && Number(word.slice(8)) <= seq);
    expect(before).toEqual([]);
  }
});

test("when the hub is gone nothing is acknowledged any more, and the front says so", async () => {
  const { hub, fronts } = hubAndFronts(1);
  const front = only(fronts);
  await front.store.create(CREATE);
  hub.close();
  expect(await front.store.failed).toBeInstanceOf(StoreFailedError);
  await expect(front.store.append(append(1))).rejects.toBeInstanceOf(StoreFailedError);
});

test("a store that fails in the hub leaves no front waiting", async () => {
  const broken = { ...memoryStore(), append: () => Promise.reject(new StoreFailedError("gone")) };
  const { fronts } = hubAndFronts(1, openAdmission, broken);
  await expect(only(fronts).store.append(append(1))).rejects.toBeInstanceOf(StoreFailedError);
});

test("a code is spent and given back in the hub", async () => {
  let uses = 1;
  const admission: Admission = {
    kind: "code",
    admit: () => {
      uses -= 1;
      return Promise.resolve(uses >= 0);
    },
    refund: () => {
      uses += 1;
      return Promise.resolve();
    },
  };
  const { fronts } = hubAndFronts(2, admission);
  const code = new Uint8Array(8);
  expect(await only(fronts, 0).admission.admit(code)).toBe(true);
  expect(await only(fronts, 1).admission.admit(code)).toBe(false);
  await only(fronts, 1).admission.refund(code);
  await only(fronts, 0).admission.refund(code);
  expect(await only(fronts, 0).admission.admit(code)).toBe(true);
});

test("a closed link and a stream of noise end the front, not the process", async () => {
  const [here, there] = duplexPair();
  const front = new LinkedStores(here, "open");
  there.write(Buffer.alloc(64, 0xff));
  expect(await front.store.failed).toBeInstanceOf(StoreFailedError);
});

test("pages for very many readers at once are no message that the link refuses", async () => {
  const roomy = memoryStore({ logQuotaBytes: 1e6, commitHeadroomBytes: 0 });
  const { fronts } = hubAndFronts(1, openAdmission, roomy);
  const { store } = only(fronts);
  await store.create(CREATE);
  for (let n = 0; n < 10; n += 1) await store.append({ ...append(n), body: new Uint8Array(50_000).fill(n) });
  const pages = await Promise.all(Array.from({ length: 150 }, () => store.read(READ)));
  expect(pages.every((page) => page.type === "page" && page.entries.length === 10)).toBe(true);
});
