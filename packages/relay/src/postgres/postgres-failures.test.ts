import { initCrypto } from "@stonechat/crypto/issuer";
import { CONTRACT_LIMITS, describeLineage } from "@stonechat/testkit";
import postgres from "postgres";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AppendEntry, CommitEntry, LogLimits } from "../logs/log-store.ts";
import { StoreUnavailableError } from "../store/store-unavailable.ts";
import { describePoolStore } from "../testing/pool-store-contract.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { ChangeFeed } from "./change-feed.ts";
import { createSharedAdmissionCode, postgresAdmission } from "./postgres-admission.ts";
import { PostgresStore } from "./postgres-store.ts";
import { startCuttingProxy } from "./testing/cutting-proxy.ts";
import { postgresForAll, postgresMissing } from "../testing/postgres-fixture.ts";
import { startPostgres } from "./testing/postgres-server.ts";

await initCrypto();

const NOW = 1_800_000_000_000;
const DAY = 24 * 3600 * 1000;
const ROOMY: LogLimits = { logQuotaBytes: 10_000_000, commitHeadroomBytes: 1_000_000 };
const clock = { now: () => NOW };
const log = (): void => undefined;

const create = (n: number) => ({
  ...{ logId: logId(n), readHash: hashOf("read 0"), appendHash: hashOf("append 0"), ownerHash: hashOf("owner") },
});
const entry = (n: number, e: number, epoch = 0, expiresAt = NOW + 5 * DAY): AppendEntry => ({
  ...{
    logId: logId(n),
    appendHash: hashOf(`append ${String(epoch)}`),
    entryId: entryId(e),
    expiresAt,
    body: bodyOf(e),
  },
});
const commit = (n: number, e: number, epoch = 0): CommitEntry => ({
  ...entry(n, e, epoch),
  nextReadHash: hashOf(`read ${String(epoch + 1)}`),
  nextAppendHash: hashOf(`append ${String(epoch + 1)}`),
});
const read = (n: number, epoch = 0, now = NOW) => ({
  ...{ logId: logId(n), readHash: hashOf(`read ${String(epoch)}`), from: 0, limit: 1000, maxBytes: 10_000_000, now },
});

describe.skipIf(postgresMissing())("on a real server", () => {
  const server = postgresForAll();

  async function storeOn(url: string, patienceMs = 5000, limits = ROOMY): Promise<PostgresStore> {
    const store = await PostgresStore.open({ urls: [url], limits, clock, log, patienceMs });
    onTestFinished(() => store.close());
    return store;
  }

  describePoolStore("PostgreSQL", async () => (await storeOn(await server().database(), 5000, CONTRACT_LIMITS)).pools);

  describeLineage("PostgreSQL", async () => {
    const url = await server().database();
    const store = await PostgresStore.open({ urls: [url], limits: ROOMY, clock, log });
    return { lineage: store.lineage, close: () => store.close() };
  });

  test("several relays that write to the same logs at once leave no gap and store each entry once", async () => {
    const url = await server().database();
    const stores = await Promise.all([storeOn(url), storeOn(url), storeOn(url)]);
    for (const n of [1, 2, 3]) await stores[0]?.create(create(n));
    const outcomes = await Promise.all(
      stores.flatMap((store) =>
        Array.from({ length: 150 }, async (_, e) => {
          await new Promise(setImmediate); // not all in one batch
          return await store.append(entry((e % 3) + 1, e));
        }),
      ),
    );
    // Each relay was told of each entry; one of them stored it.
    expect(outcomes.filter((o) => o.type === "appended" && !o.duplicate)).toHaveLength(150);
    for (const n of [1, 2, 3]) {
      const page = await stores[n - 1]?.read(read(n));
      const entries = page?.type === "page" ? page.entries : [];
      expect(entries.map(({ seq }) => seq)).toEqual([...new Array(50).keys()]);
      expect(new Set(entries.map(({ entryId }) => entryId.join())).size).toBe(50);
    }
  });

  test("of commits to one epoch by several relays at once one wins, in each of many epochs", async () => {
    const url = await server().database();
    const stores = await Promise.all([storeOn(url), storeOn(url), storeOn(url)]);
    await stores[0]?.create(create(1));
    for (let epoch = 0; epoch < 15; epoch += 1) {
      const e = 10 * epoch;
      const outcomes = await Promise.all(
        stores.flatMap((store, n) => [store.append(entry(1, e + n, epoch)), store.commit(commit(1, e + 5 + n, epoch))]),
      );
      const won = outcomes.filter((_, i) => i % 2 === 1).filter(({ type }) => type === "appended");
      expect(won).toHaveLength(1);
      const page = await stores[0]?.read(read(1, epoch));
      expect(page).toMatchObject({ epoch, endOfEpoch: true });
      if (page?.type === "page") expect(page.entries.at(-1)?.kind).toBe("commit");
    }
  });

  test("a line cut at any answer: the entry is stored once, and its relay is told that it was stored by it", async () => {
    const proxy = await startCuttingProxy(await server().database());
    onTestFinished(() => proxy.close());
    const store = await storeOn(proxy.url);
    await store.create(create(1));
    await store.append(entry(1, 0));
    for (let answers = 1; answers <= 6; answers += 1) {
      proxy.cutAfter(answers);
      const outcome = await store.append(entry(1, answers));
      expect(outcome).toEqual({ type: "appended", seq: answers, epoch: 0, duplicate: false });
      proxy.cutAfter(Infinity);
    }
    proxy.cutAfter(1);
    expect(await store.create(create(2))).toEqual({ type: "created" });
    proxy.cutAfter(2);
    expect(await store.destroy({ logId: logId(2), ownerHash: hashOf("owner") })).toEqual({ type: "destroyed" });
    expect(proxy.cuts).toBeGreaterThanOrEqual(4);
    const page = await store.read(read(1));
    expect(page.type === "page" ? page.entries.map(({ seq }) => seq) : page).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  test("while the database cannot be reached everything is refused as unavailable, and then goes on by itself", async () => {
    const proxy = await startCuttingProxy(await server().database());
    onTestFinished(() => proxy.close());
    const store = await storeOn(proxy.url, 50);
    await store.create(create(1));
    proxy.sever();
    await expect(store.append(entry(1, 0))).rejects.toThrow(StoreUnavailableError);
    await expect(store.read(read(1))).rejects.toThrow(StoreUnavailableError);
    await expect(store.pools.take({ poolId: logId(1) as never, takeHash: hashOf("x") })).rejects.toThrow(
      StoreUnavailableError,
    );
    proxy.mend();
    const outcome = await untilReached(() => store.append(entry(1, 0)));
    expect(outcome).toMatchObject({ type: "appended", seq: 0 });
  });

  test("of several servers the first that answers and takes writes is used", async () => {
    const url = await server().database();
    const away = new URL(url);
    away.port = "1";
    const store = await PostgresStore.open({ urls: [away.href, url], limits: ROOMY, clock, log });
    onTestFinished(() => store.close());
    expect(await store.create(create(1))).toEqual({ type: "created" });
    const name = new URL(url).pathname.slice(1);
    await administer(url, `ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    await expect(PostgresStore.open({ urls: [url], limits: ROOMY, clock, log })).rejects.toThrow("standby");
  });

  test("a database that may lose what it acknowledged is refused, with the setting to change", async () => {
    const url = await server().database();
    const name = new URL(url).pathname.slice(1);
    await administer(url, `ALTER DATABASE ${name} SET synchronous_commit = local`);
    const opening = PostgresStore.open({ urls: [url], limits: ROOMY, clock, log });
    await expect(opening).rejects.toMatchObject({ code: "unsafe-database" });
    await expect(opening).rejects.toThrow("synchronous_commit = local");
    for (const setting of ["fsync", "full_page_writes"]) {
      const careless = await startPostgres({ settings: { [setting]: "off" } });
      onTestFinished(() => careless.close());
      const refused = PostgresStore.open({ urls: [await careless.database()], limits: ROOMY, clock, log });
      await expect(refused).rejects.toThrow(`${setting} = off`);
    }
  });

  test("a database of a newer relay is refused and left as it is", async () => {
    const url = await server().database();
    await (await PostgresStore.open({ urls: [url], limits: ROOMY, clock, log })).close();
    await administer(url, "UPDATE stonechat SET version = 99");
    const opening = PostgresStore.open({ urls: [url], limits: ROOMY, clock, log });
    await expect(opening).rejects.toMatchObject({ code: "newer-format" });
    expect(await administer(url, "SELECT version FROM stonechat")).toEqual([{ version: 99 }]);
  });

  test("bytes of short-lived entries are erased with them, those of others when their day is over", async () => {
    const url = await server().database();
    const store = await storeOn(url);
    await store.create(create(1));
    await store.append(entry(1, 1, 0, NOW + 1000));
    await store.append(entry(1, 2, 0, NOW + 5 * DAY));
    await store.append(entry(1, 3, 0, NOW + 6 * DAY));
    const bodies = async () =>
      (await administer(url, "SELECT seq FROM body ORDER BY seq")).map((row) => Number(row["seq"]));
    await store.expire(NOW + 1000, 100);
    expect(await bodies()).toEqual([1, 2]);
    await store.expire(NOW + 5 * DAY, 100);
    expect(await store.read(read(1, 0, NOW + 5 * DAY))).toMatchObject({ entries: [{ seq: 2 }] });
    expect(await bodies()).toEqual([1, 2]);
    await store.expire(NOW + 6 * DAY, 100);
    expect(await bodies()).toEqual([2]);
    expect(await store.stats()).toMatchObject({ entries: 0, bytes: 0 });
  });

  test("what somebody else changed is told once, and what was known before is not", async () => {
    const url = await server().database();
    const [one, two] = [await storeOn(url), await storeOn(url)];
    await one.create(create(1));
    await one.append(entry(1, 0));
    const feed = new ChangeFeed(two.link);
    expect(await feed.since()).toEqual({ logs: [], incomplete: false });
    await one.append(entry(1, 1));
    await one.destroy({ logId: logId(1), ownerHash: hashOf("owner") });
    expect(await feed.since()).toEqual({
      logs: [
        { logId: logId(1), next: 2 },
        { logId: logId(1), next: undefined },
      ],
      incomplete: false,
    });
    expect(await feed.since()).toEqual({ logs: [], incomplete: false });
  });

  test("a code admits at every relay, as often and as long as it says", async () => {
    const url = await server().database();
    const time = { now: NOW };
    const code = await createSharedAdmissionCode([url], { uses: 2, days: 1 }, { now: () => time.now });
    const stores = [await storeOn(url), await storeOn(url)];
    const [a, b] = stores.map(({ link }) => postgresAdmission(link, { now: () => time.now }));
    const typed = new TextEncoder().encode(code.toLowerCase());
    expect([await a?.admit(typed), await b?.admit(typed), await a?.admit(typed)]).toEqual([true, true, false]);
    await b?.refund(typed);
    time.now += DAY;
    expect(await a?.admit(typed)).toBe(false);
  });
});

/** Asks again for as long as the store cannot be reached. */
async function untilReached<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
}

async function administer(url: string, text: string): Promise<readonly postgres.Row[]> {
  const sql = postgres(url, { max: 1 });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}
