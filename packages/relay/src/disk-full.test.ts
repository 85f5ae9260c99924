import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { initCrypto } from "@stonechat/crypto/issuer";
import type { EntryId } from "@stonechat/protocol";
import { expect, onTestFinished, test } from "vitest";
import { openDatabase } from "./store/database.ts";
import { StoreEngine } from "./store/store-engine.ts";
import { isDiskFull } from "./store/sqlite-errors.ts";
import { startChildRelay } from "./testing/child-relay.ts";
import { FrameClient } from "./testing/frame-client.ts";
import { temporaryFolder } from "./testing/relay-fixture.ts";
import { ask, bodyOf, entryId, hashOf, logId } from "./testing/service-fixture.ts";

await initCrypto();
const LIMITS = { logQuotaBytes: 1e9, commitHeadroomBytes: 1e6 };
const append = (n: number, length = 8) =>
  ({
    type: "append",
    logId: logId(1),
    appendHash: hashOf("append 0"),
    entryId: entryId(n),
    expiresAt: n,
    body: bodyOf(n, length),
  }) as const;
const create = {
  type: "create",
  logId: logId(1),
  readHash: hashOf("read 0"),
  appendHash: hashOf("append 0"),
  ownerHash: undefined,
} as const;
const read = {
  type: "read",
  logId: logId(1),
  readHash: hashOf("read 0"),
  from: 0,
  limit: 100,
  maxBytes: 1e6,
  now: 0,
} as const;

async function engineFixture(): Promise<{ readonly db: DatabaseSync; readonly engine: StoreEngine }> {
  const db = openDatabase(join(await temporaryFolder(), "relay.sqlite"));
  onTestFinished(() => {
    db.close();
  });
  return { db, engine: new StoreEngine(db, LIMITS) };
}

test("when the database cannot grow, additions are refused, reads and erasing go on, and it mends without a restart", async () => {
  const { db, engine } = await engineFixture();
  engine.run([create, append(1)]);
  db.exec(`PRAGMA max_page_count = ${String(db.prepare("PRAGMA page_count").get()?.["page_count"])}`);
  const outcomes = engine.run([append(2, 60_000), append(3), read, { type: "expire", now: 1, maxEntries: 10 }]);
  expect(outcomes.map(({ type }) => type)).toEqual(["storage-full", "storage-full", "page", "expired"]);
  db.exec("PRAGMA max_page_count = 1000000");
  expect(engine.run([append(2, 60_000)])).toEqual([{ type: "appended", seq: 1, epoch: 0, duplicate: false }]);
});

test("with little space left, additions are refused before the disk does it", async () => {
  const { engine } = await engineFixture();
  engine.run([create]);
  engine.storageLow = true;
  expect(
    engine.run([append(1), { type: "destroy", logId: logId(1), ownerHash: hashOf("x") }]).map(({ type }) => type),
  ).toEqual(["storage-full", "unknown"]);
  engine.storageLow = false;
  expect(engine.run([append(1)])).toMatchObject([{ seq: 0 }]);
});

test("a failed sync is no full disk: it ends the relay", () => {
  const error = (errcode: number): Error => Object.assign(new Error("disk I/O error"), { errcode });
  expect(isDiskFull(error(13))).toBe(true);
  for (const errcode of [10, 11, 26, 1034, 1290, 266]) expect(isDiskFull(error(errcode))).toBe(false);
});

test("a store that fails for another reason throws, and says nothing of success", async () => {
  const { db, engine } = await engineFixture();
  engine.run([create]);
  db.exec("DROP TABLE entry");
  expect(() => engine.run([append(1)])).toThrow();
});

function canMount(): boolean {
  try {
    execFileSync("mount", ["--version"], { stdio: "ignore" });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

test.skipIf(!canMount()).for(["segments", "sqlite"])(
  "%s: on a disk that is really full nothing acknowledged is lost (needs to mount: skipped without root)",
  { timeout: 60_000 },
  async (store, context) => {
    const disk = join(await temporaryFolder(), "disk");
    await mkdir(disk);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=8m,mode=700", "tmpfs", disk], { stdio: "ignore" });
    } catch {
      context.skip("this machine does not allow mounting");
    }
    onTestFinished(() => {
      execFileSync("umount", ["--lazy", disk]);
    });
    const relay = await startChildRelay(join(disk, "data"), { store });
    const client = await FrameClient.open(relay.url);
    await client.expect("done", ask.create(1));
    const acknowledged: number[] = [];
    const add = async (n: number): Promise<string> => {
      const id = new Uint8Array(16).fill(n & 0xff);
      id[0] = n >> 8;
      const reply = await client.ask({ ...ask.append(1, 0, 0, 30_000), entryId: id as EntryId } as ReturnType<
        typeof ask.append
      >);
      if (reply.type === "appended") acknowledged.push(reply.seq);
      return reply.type === "error" ? reply.code : reply.type;
    };
    // First by the relay's own reserve, then with somebody else taking the last byte.
    let n = 0;
    while (n < 2000 && (await add(n)) === "appended") n += 1;
    expect(await add(n)).toBe("storage-full");
    const ballast = join(disk, "ballast");
    try {
      writeFileSync(ballast, new Uint8Array(8 * 1024 * 1024));
    } catch {
      // Full to the last byte: what we wanted.
    }
    expect(await add(n)).toBe("storage-full");
    expect((await client.expect("entries", ask.read(1, 0, 0, 1))).entries).toHaveLength(1);
    rmSync(ballast);
    await relay.kill();

    const seqs: number[] = [];
    execFileSync("mount", ["-o", "remount,size=32m", disk]);
    const again = await startChildRelay(join(disk, "data"), { store });
    const reader = await FrameClient.open(again.url);
    for (let from = 0; ;) {
      const page = await reader.expect("entries", ask.read(1, 0, from, 500));
      if (page.next === from) break;
      seqs.push(...page.entries.map(({ seq }) => seq));
      from = page.next;
    }
    expect(seqs).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged.length).toBeGreaterThan(50);
    expect((await reader.ask(ask.append(1, 250))).type).toBe("appended");
    await again.stop();
  },
);
