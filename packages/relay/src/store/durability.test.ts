import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { initCrypto } from "@stonechat/crypto/issuer";
import { expect, test } from "vitest";
import { MemoryLogStore } from "../logs/memory-log-store.ts";
import { temporaryFolder } from "../testing/relay-fixture.ts";
import { bodyOf, entryId, hashOf, logId } from "../testing/service-fixture.ts";
import { openDatabase } from "./database.ts";
import { StoreFailedError } from "./relay-store.ts";
import { SqliteStore } from "./sqlite-store.ts";

await initCrypto();
const LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 1e6 };
const CREATE = { logId: logId(1), readHash: hashOf("r"), appendHash: hashOf("a"), ownerHash: undefined };
const append = (n: number) => ({
  logId: logId(1),
  appendHash: hashOf("a"),
  entryId: entryId(n),
  expiresAt: 1e15,
  body: bodyOf(n),
});
const READ = { logId: logId(1), readHash: hashOf("r"), from: 0, limit: 500, maxBytes: 1e6, now: 0 };

test("the database syncs each commit, keeps a write-ahead log and overwrites what is deleted", async () => {
  const db = openDatabase(join(await temporaryFolder(), "relay.sqlite"));
  const pragma = (name: string): unknown => Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  expect([pragma("synchronous"), pragma("journal_mode"), pragma("secure_delete")]).toEqual([2, "wal", 1]);
  db.close();
});

test("what the store acknowledged is there for who opens the file next, without the store being closed", async () => {
  const path = join(await temporaryFolder(), "relay.sqlite");
  const store = await SqliteStore.open({ path, limits: LIMITS, reserveBytes: 0 });
  await store.create(CREATE);
  const seqs = await Promise.all(
    Array.from({ length: 300 }, (_, n) => store.append({ ...append(0), entryId: entryId(n) })),
  );
  expect(new Set(seqs.map((o) => (o.type === "appended" ? o.seq : -1))).size).toBe(256); // entryId wraps: the rest are repeats
  const other = new DatabaseSync(path, { readOnly: true });
  expect(other.prepare("SELECT count(*) AS n FROM entry").get()).toEqual({ n: 256 });
  other.close();
  await store.close();
});

test("a store whose file is broken under it acknowledges nothing more and says so once", async () => {
  const path = join(await temporaryFolder(), "relay.sqlite");
  const store = await SqliteStore.open({ path, limits: LIMITS, reserveBytes: 0 });
  await store.create(CREATE);
  await store.append(append(1));
  const vandal = new DatabaseSync(path);
  vandal.exec("DROP TABLE entry");
  vandal.close();
  await expect(store.append(append(2))).rejects.toBeInstanceOf(StoreFailedError);
  expect(await store.failed).toBeInstanceOf(StoreFailedError);
  await expect(store.read(READ)).rejects.toBeInstanceOf(StoreFailedError);
  await store.close();
});

test("closing finishes what was asked before", async () => {
  const path = join(await temporaryFolder(), "relay.sqlite");
  const store = await SqliteStore.open({ path, limits: LIMITS, reserveBytes: 0 });
  await store.create(CREATE);
  const asked = store.append(append(1));
  await store.close();
  expect(await asked).toMatchObject({ type: "appended", seq: 0 });
});

test("memory: a crash before the sync forgets the entry, a crash after it forgets only the answer", async () => {
  const syncs: (() => void)[] = [];
  const store = new MemoryLogStore(LIMITS, (work) => syncs.push(work));
  const sync = (): void => {
    for (const work of syncs.splice(0)) work();
  };
  const answers: string[] = [];
  const ask = (n: number): void => {
    void store.append(append(n)).then(({ type }) => answers.push(`${String(n)} ${type}`));
  };
  void store.create(CREATE);
  sync();
  ask(1);
  store.crash(false);
  sync();
  ask(2);
  store.crash(true);
  sync();
  const page = store.read(READ);
  sync();
  expect(await page).toMatchObject({ entries: [{ seq: 0, entryId: entryId(2) }] });
  expect(answers).toEqual([]);
});
