import { join } from "node:path";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, onTestFinished, test } from "vitest";
import { MAX_BACKLOG } from "../operating/store-upkeep.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { SqliteStore } from "./sqlite-store.ts";

const NOW = 1_800_000_000_000;

async function openStore(): Promise<SqliteStore> {
  await initCrypto();
  const limits = { logQuotaBytes: 1_000_000, commitHeadroomBytes: 1_000_000 };
  const store = await SqliteStore.open({
    path: join(await temporaryFolder(), "relay.sqlite"),
    limits,
    reserveBytes: 0,
  });
  onTestFinished(() => store.close());
  await store.create({ logId: logId(1), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: undefined });
  return store;
}

const append = (store: SqliteStore, n: number, expiresAt = NOW + 1000, length = 8) =>
  store.append({ logId: logId(1), appendHash: hashOf("a"), entryId: entryId(n), expiresAt, body: bodyOf(n, length) });

test("the backlog is what expired and is still there", async () => {
  const store = await openStore();
  for (let n = 0; n < 10; n += 1) await append(store, n, NOW + n);
  expect(await store.upkeep.health(NOW + 3)).toMatchObject({ expiryBacklog: 4, damagedEntries: 0 });
  await store.expire(NOW + 3, 3);
  expect((await store.upkeep.health(NOW + 3)).expiryBacklog).toBe(1);
  expect(MAX_BACKLOG).toBeGreaterThan(1000);
});

test("each batch that wrote is a sync, and reading is none", async () => {
  const store = await openStore();
  const before = (await store.upkeep.health(NOW)).syncs.count;
  await append(store, 1);
  await store.stats();
  const { syncs } = await store.upkeep.health(NOW);
  expect(syncs.count).toBe(before + 1);
  expect(syncs.maxMs).toBeGreaterThan(0);
});

test("a smaller quota holds for what comes, and what is stored stays", async () => {
  const store = await openStore();
  await append(store, 1, NOW + 1000, 500);
  await store.upkeep.setLimits({ logQuotaBytes: 600, commitHeadroomBytes: 0 }, 0);
  expect((await append(store, 2, NOW + 1000, 500)).type).toBe("full");
  expect((await store.stats()).entries).toBe(1);
  await store.upkeep.setLimits({ logQuotaBytes: 6000, commitHeadroomBytes: 0 }, 0);
  expect((await append(store, 2, NOW + 1000, 500)).type).toBe("appended");
});

test("a larger reserve than there is disk refuses additions without a restart", async () => {
  const store = await openStore();
  await store.upkeep.setLimits({ logQuotaBytes: 1_000_000, commitHeadroomBytes: 0 }, Number.MAX_SAFE_INTEGER);
  expect((await append(store, 3)).type).toBe("storage-full");
});
