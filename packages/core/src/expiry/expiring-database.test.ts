import { ManualClock } from "@stonechat/testkit/manual-clock";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { SetClock } from "@stonechat/testkit/set-clock";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { describe, expect, test } from "vitest";
import { openDatabase, type Transaction } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import { ExpiringDatabase } from "./expiring-database.ts";
import { countFromReading, countFromSending, countFromWriting, giveUpAt } from "./timers.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A profile on a disk, with one message in it whose timer is an hour. */
class Profile {
  readonly files = new MemoryBlockFiles(3);
  readonly trueTime = new ManualClock();
  readonly clock = new SetClock(this.trueTime);
  readonly failures: unknown[] = [];

  async open(): Promise<ExpiringDatabase> {
    const sqlite = await testSqlite();
    const opened = await openDatabase({ sqlite, files: this.files, name: "main", migrations: MIGRATIONS });
    return ExpiringDatabase.open(opened, this.clock, (error) => this.failures.push(error));
  }

  async made(): Promise<ExpiringDatabase> {
    const db = await this.open();
    await db.transaction((tx) => {
      tx.run("INSERT INTO identities (id, key) VALUES (1, x'01')");
      tx.run(
        `INSERT INTO conversations (id, group_id, kind, relay_url, log_id, log_made, state, settings, next_seq, epoch,
           read_token, append_token, entry_key, roster, state_hash, activity_at)
         VALUES (1, x'02', 'own', '', x'', 1, 'active', x'', 0, 0, x'', x'', x'', 0, x'', 0)`,
      );
      tx.run(
        `INSERT INTO messages (id, conversation, ord, message_id, sender, sent_at, received_at, type, text, state, timer_seconds)
         VALUES (1, 1, 0, x'03', 1, 0, 0, 'message', '', 'received', 3600)`,
      );
    });
    return db;
  }
}

function count(tx: Transaction, table: "messages" | "live_messages"): number {
  return tx.get<{ count: number }>(`SELECT count(*) AS count FROM ${table}`)?.count ?? 0;
}

describe("a countdown", () => {
  test.each([
    ["from reading", (db: ExpiringDatabase, tx: Transaction) => countFromReading({ counted: db }, tx, 1, 0, 99)],
    [
      "from sending",
      (db: ExpiringDatabase, tx: Transaction) => {
        countFromSending({ counted: db }, tx, 1);
      },
    ],
    ["of what waits to be sent", (db: ExpiringDatabase, tx: Transaction) => giveUpAt({ counted: db }, tx, 3600)],
    [
      "from writing elsewhere",
      (db: ExpiringDatabase, tx: Transaction) =>
        countFromWriting({ counted: db, clock: new ManualClock(0) }, tx, 3600, 0),
    ],
  ])("%s stands on a time that a crash does not undo, whatever the clock shows then", async (_, start) => {
    const profile = new Profile();
    const db = await profile.made();
    await db.transaction((tx) => start(db, tx));
    const { now } = db;
    profile.files.crash();
    profile.clock.set(-1000 * DAY_MS);
    const again = await profile.open();
    await again.transaction(() => undefined);
    expect(again.now).toBe(now);
  });

  test("loses at most a minute of what it had counted, if the program dies", async () => {
    const profile = new Profile();
    const db = await profile.made();
    await db.transaction((tx) => countFromReading({ counted: db }, tx, 1, 0, 99));
    for (let minute = 0; minute < 30; minute += 1) {
      profile.trueTime.advance(59_999);
      await db.transaction(() => undefined);
    }
    const { now } = db;
    profile.files.crash();
    profile.clock.set(-1000 * DAY_MS);
    const again = await profile.open();
    await again.transaction(() => undefined);
    expect(now - again.now).toBeLessThan(2 * 60_000);
  });
});

describe("a transaction", () => {
  test("finds nothing whose time has come, however long it waited for its turn", async () => {
    const profile = new Profile();
    const db = await profile.made();
    await db.transaction((tx) => countFromReading({ counted: db }, tx, 1, 0, 99));
    let goOn = (): void => undefined;
    let begin = (): void => undefined;
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const before = db.transaction(() => {
      begin();
      return new Promise<void>((resolve) => {
        goOn = resolve;
      });
    });
    const later = db.transaction((tx) => count(tx, "messages"));
    await begun;
    profile.trueTime.advance(HOUR_MS);
    goOn();
    await before;
    expect(await later).toBe(0);
  });

  test("that fails leaves nothing of what it did, and what was erased before it stays erased", async () => {
    const profile = new Profile();
    const db = await profile.made();
    await db.transaction((tx) => countFromReading({ counted: db }, tx, 1, 0, 99));
    profile.trueTime.advance(HOUR_MS);
    const failing = db.transaction((tx) => {
      tx.run("UPDATE conversations SET draft = 'x'");
      throw new RangeError("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await db.transaction((tx) => [count(tx, "messages"), tx.get("SELECT draft FROM conversations")])).toEqual([
      0,
      { draft: "" },
    ]);
    expect(db.takeErased().map(({ conversations }) => conversations.map(({ row }) => row))).toEqual([[1]]);
  });

  test("writes nothing by itself while nothing counts down, whatever the clock does", async () => {
    const profile = new Profile();
    const db = await profile.made();
    const before = profile.files.operations;
    for (const by of [DAY_MS, -1000 * DAY_MS, 5, 10_000 * DAY_MS]) {
      profile.clock.set(by);
      await db.transaction((tx) => count(tx, "live_messages"));
    }
    expect(profile.files.operations).toBe(before);
  });

  test("sees no message in the view that a full disk kept from being erased", async () => {
    const profile = new Profile();
    const db = await profile.made();
    await db.transaction((tx) => countFromReading({ counted: db }, tx, 1, 0, 99));
    profile.files.decide = () => "full";
    profile.trueTime.advance(HOUR_MS);
    expect(await db.transaction((tx) => [count(tx, "messages"), count(tx, "live_messages")])).toEqual([1, 0]);
    expect(profile.failures.length).toBe(1);
    await expect(db.eraseDue()).rejects.toMatchObject({ code: "full" });
    profile.clock.set(-1000 * DAY_MS);
    expect(await db.transaction((tx) => count(tx, "live_messages"))).toBe(0);
  });
});
