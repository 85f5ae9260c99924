import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CONTRACT_LIMITS, describeLineage, repeatableRandom } from "@stonechat/testkit";
import type { LogLine } from "@stonechat/serving";
import type { RunId } from "@stonechat/protocol";
import { expect, onTestFinished, test } from "vitest";
import { SqliteStore } from "../store/sqlite-store.ts";
import { DirectClient, serviceFixture } from "../testing/service-fixture.ts";
import type { Lineage } from "./lineage.ts";
import { LineageKeeper, RUN_MS } from "./lineage-keeper.ts";
import { MemoryLineage } from "./memory-lineage.ts";

async function sqliteFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stonechat-relay-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, "relay.sqlite");
}

const openSqlite = (path: string): Promise<SqliteStore> =>
  SqliteStore.open({ path, limits: CONTRACT_LIMITS, reserveBytes: 0 });

describeLineage("memory", () => Promise.resolve({ lineage: new MemoryLineage(), close: () => Promise.resolve() }));
describeLineage("SQLite", async () => {
  const store = await openSqlite(await sqliteFolder());
  return { lineage: store.lineage, close: () => store.close() };
});

const runId = (n: number): RunId => new Uint8Array(16).fill(n) as RunId;

test("a database that an older relay made gets its lineage, and the older relay's format is left as it was", async () => {
  const path = await sqliteFolder();
  await (await openSqlite(path)).close();
  const older = new DatabaseSync(path);
  older.exec("DROP TABLE lineage");
  const before = older.prepare("PRAGMA user_version").get();
  older.close();
  const store = await openSqlite(path);
  await store.lineage.begin(runId(1), 10);
  await store.close();
  const again = await openSqlite(path);
  expect(await again.lineage.runs(2)).toEqual([{ number: 1, id: runId(1), at: 10 }]);
  await again.close();
  const after = new DatabaseSync(path);
  expect(after.prepare("PRAGMA user_version").get()).toEqual(before);
  after.close();
});

test("a full disk refuses additions and still lets a run begin", async () => {
  const path = await sqliteFolder();
  const store = await SqliteStore.open({ path, limits: CONTRACT_LIMITS, reserveBytes: Number.MAX_SAFE_INTEGER });
  onTestFinished(() => store.close());
  await store.stats(); // looks at the disk
  expect(store.storageLow).toBe(true);
  expect(await store.lineage.begin(runId(1), 10)).toMatchObject({ number: 1 });
});

async function keeperOver(lineage: Lineage) {
  const time = { now: 1_000_000 };
  const figure = { stored: 0 };
  const lines: LogLine[] = [];
  const keeper = await LineageKeeper.start({
    lineage,
    clock: { now: () => time.now },
    random: repeatableRandom("runs"),
    log: (line) => {
      lines.push(line);
    },
    stored: () => figure.stored,
  });
  onTestFinished(() => keeper.stop());
  return { keeper, time, figure, lines };
}

test("an opening begins a run; only what was stored moves its time on", async () => {
  const lineage = new MemoryLineage();
  const { keeper, time, figure } = await keeperOver(lineage);
  const [first] = await lineage.runs(9);
  expect(first).toMatchObject({ number: 1, at: 1_000_000 });
  time.now += 60_000;
  await keeper.tick();
  expect(await lineage.runs(9)).toEqual([first]);
  figure.stored = 1;
  await keeper.tick();
  await keeper.tick();
  expect(await lineage.runs(9)).toEqual([{ ...first, at: 1_060_000 }]);
  figure.stored = 2;
  time.now += 5;
  await keeper.stop();
  expect(await lineage.runs(9)).toEqual([{ ...first, at: 1_060_005 }]);
});

test("a run ends after a day, and the next has an id of its own", async () => {
  const lineage = new MemoryLineage();
  const { keeper, time } = await keeperOver(lineage);
  time.now += RUN_MS - 1;
  await keeper.tick();
  expect(await lineage.runs(9)).toHaveLength(1);
  time.now += 1;
  await keeper.tick();
  await keeper.tick();
  const runs = await lineage.runs(9);
  expect(runs.map(({ number }) => number)).toEqual([1, 2]);
  expect(runs[0]?.id).not.toEqual(runs[1]?.id);
});

test("where no run could be begun the next minute tries again, and a failure is said", async () => {
  const inner = new MemoryLineage();
  let full = true;
  const { keeper, lines } = await keeperOver({
    begin: (id, now) => (full ? Promise.resolve(undefined) : inner.begin(id, now)),
    mark: () => Promise.reject(new Error("out of reach")),
    runs: (limit) => inner.runs(limit),
  });
  expect(await inner.runs(9)).toEqual([]);
  full = false;
  await keeper.tick();
  expect(await inner.runs(9)).toHaveLength(1);
  expect(lines).toEqual([]);
});

test("clients of version 2 are told the runs, those of version 1 are greeted as before", async () => {
  const lineage = new MemoryLineage();
  await lineage.begin(runId(1), 10);
  await lineage.begin(runId(2), 20);
  const { service } = await serviceFixture({ lineage });
  const hello = async (minVersion: number, maxVersion: number): Promise<[DirectClient, unknown]> => {
    const client = new DirectClient(service);
    return [client, await client.ask({ type: "hello", minVersion, maxVersion })];
  };
  expect((await hello(1, 1))[1]).toMatchObject({ type: "welcome", version: 1 });
  const [client, welcome] = await hello(1, 2);
  expect(welcome).toMatchObject({ type: "welcome", version: 2 });
  expect(await client.ask({ type: "lineage", limit: 1 })).toEqual({
    type: "lineage",
    runs: [{ number: 2, id: runId(2), at: 20 }],
  });
  expect(await client.ask({ type: "lineage", limit: 9 })).toMatchObject({ runs: [{ number: 1 }, { number: 2 }] });
});

test("a relay without a lineage tells no runs", async () => {
  const { service } = await serviceFixture();
  const client = new DirectClient(service);
  await client.ask({ type: "hello", minVersion: 2, maxVersion: 2 });
  expect(await client.ask({ type: "lineage", limit: 9 })).toEqual({ type: "lineage", runs: [] });
});
