import { initCrypto } from "@stonechat/crypto";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { beforeAll, expect, test } from "vitest";
import { get, keyOf, put, SlotStage } from "../testing/slot-stage.ts";
import { BLOCK_BYTES, DATABASE_FILE, type Slot } from "./container/index.ts";
import { openDatabase, type Database } from "./database.ts";
import { MIGRATIONS } from "./schema.ts";

beforeAll(initCrypto);

const SIZES = { headerBytes: BLOCK_BYTES, chunkBytes: 256 * BLOCK_BYTES };
const WORD = "periwinkle";

async function open(slot: Slot): Promise<Database> {
  return openDatabase({ sqlite: await testSqlite(), files: slot.files, name: DATABASE_FILE, migrations: MIGRATIONS });
}

/** A conversation with `count` messages, every hundredth of which holds the word. */
async function fill(database: Database, count: number): Promise<void> {
  await database.transaction((tx) => {
    tx.run(`INSERT INTO conversations(id, group_id, kind, relay_url, log_id, log_made, state, settings, next_seq, epoch,
      read_token, append_token, entry_key, roster, state_hash, activity_at)
      VALUES(1, x'01', 'group', '', x'02', 1, 'open', x'', 0, 0, x'', x'', x'', 0, x'', 0)`);
  });
  for (let from = 0; from < count; from += 500) {
    await database.transaction((tx) => {
      for (let id = from; id < from + 500; id += 1) {
        const text = id % 100 === 7 ? `meet at ${WORD} bridge ${String(id)}` : `nothing of note ${String(id)}`;
        tx.run(
          `INSERT INTO messages(id, conversation, ord, message_id, sent_at, received_at, type, text, state)
           VALUES(?, 1, ?, ?, 0, 0, 'text', ?, 'sent')`,
          id,
          id,
          Uint8Array.of(id >> 8, id & 0xff, ...new Uint8Array(14)),
          text,
        );
        tx.run("INSERT INTO message_words(rowid, text) VALUES(?, ?)", id, text);
      }
    });
  }
}

/** Pages of the database, decrypted, that hold the word. */
async function pagesWith(slot: Slot, word: string): Promise<number> {
  const bytes = Buffer.from(await get(slot, DATABASE_FILE));
  let pages = 0;
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) {
    if (bytes.subarray(at, at + BLOCK_BYTES).includes(word)) pages += 1;
  }
  return pages;
}

test("a word that was deleted is in no page of the database any more, and never was on the disk", async () => {
  const stage = await SlotStage.create(1, SIZES);
  const slot = stage.container.formatSlot(0, keyOf(1));
  let database = await open(slot);
  await fill(database, 2000);
  await database.close();
  expect(await pagesWith(slot, WORD)).toBeGreaterThan(1);
  database = await open(slot);
  await database.transaction((tx) => {
    for (const { id, text } of tx.all<{ id: number; text: string }>(
      "SELECT id, text FROM messages WHERE text LIKE ?",
      `%${WORD}%`,
    )) {
      tx.run("INSERT INTO message_words(message_words, rowid, text) VALUES('delete', ?, ?)", id, text);
      tx.run("DELETE FROM messages WHERE id = ?", id);
    }
  });
  await database.close();
  expect(await pagesWith(slot, WORD)).toBe(0);
  expect(Buffer.from(stage.bytes).includes(WORD)).toBe(false);
});

test("the flush of another file never makes half a transaction durable, however large it is", async () => {
  const stage = await SlotStage.create(1, SIZES);
  const slot = stage.container.formatSlot(0, keyOf(1));
  const database = await open(slot);
  await fill(database, 500);
  const count = await database.transaction((tx) => tx.get("SELECT count(*) AS n FROM messages"));
  const large = database.transaction(async (tx) => {
    // More than SQLite's cache holds.
    for (let id = 1; id <= 120; id += 1) tx.run("INSERT INTO meta VALUES(?, ?)", String(id), new Uint8Array(100_000));
    tx.run("DELETE FROM messages");
    await put(slot, "attachment", new Uint8Array(BLOCK_BYTES));
    stage.disk.decide = () => "power-cut";
  });
  await expect(large).rejects.toMatchObject({ code: "io" });
  await stage.reopen("crash");
  const again = stage.slot(0, keyOf(1));
  expect(await again.files.list()).toEqual(["attachment", DATABASE_FILE]);
  const found = await open(again);
  expect(await found.transaction((tx) => tx.get("SELECT count(*) AS n FROM messages"))).toEqual(count);
  expect(await found.transaction((tx) => tx.get("PRAGMA integrity_check"))).toEqual({ integrity_check: "ok" });
});

test("a large transaction that is given up leaves the database as it was", async () => {
  const stage = await SlotStage.create(1, SIZES);
  const slot = stage.container.formatSlot(0, keyOf(1));
  const database = await open(slot);
  await fill(database, 500);
  const size = slot.liveBytes;
  const givenUp = database.transaction((tx) => {
    for (let id = 1; id <= 120; id += 1) tx.run("INSERT INTO meta VALUES(?, ?)", String(id), new Uint8Array(100_000));
    throw new Error("given up");
  });
  await expect(givenUp).rejects.toThrow("given up");
  expect(slot.liveBytes).toBe(size);
  expect(await database.transaction((tx) => tx.get("PRAGMA integrity_check"))).toEqual({ integrity_check: "ok" });
});

test("a re-keying between two transactions is not noticed by the open database", async () => {
  const stage = await SlotStage.create(1, SIZES);
  const slot = stage.container.formatSlot(0, keyOf(1));
  const database = await open(slot);
  await fill(database, 500);
  slot.rekey(keyOf(2)).commit();
  await database.transaction((tx) => tx.run("DELETE FROM messages WHERE id > 9"));
  await stage.reopen("crash");
  const found = await open(stage.slot(0, keyOf(2)));
  expect(await found.transaction((tx) => tx.get("SELECT count(*) AS n FROM messages"))).toEqual({ n: 10 });
  expect(await found.transaction((tx) => tx.get("PRAGMA integrity_check"))).toEqual({ integrity_check: "ok" });
});

test("a damaged page of the database is said to be corrupt; what lies elsewhere can be read", async () => {
  const stage = await SlotStage.create(1, SIZES);
  const slot = stage.container.formatSlot(0, keyOf(1));
  const database = await open(slot);
  await fill(database, 2000);
  await database.transaction((tx) => tx.run("INSERT INTO meta VALUES('kept', 1)"));
  await database.close();
  slot.close();
  const outcomes = new Set<string>();
  for (const at of [...stage.blocksOf(0)].slice(2)) {
    stage.flip(at);
    const damaged = stage.slot(0, keyOf(1));
    const outcome = await attempt(damaged);
    outcomes.add(outcome);
    damaged.close();
    stage.flip(at);
    if (outcomes.has("messages lost, the rest readable") && outcomes.has("all readable")) return;
  }
  expect([...outcomes]).toEqual(["never reached"]);
});

async function attempt(slot: Slot): Promise<string> {
  const code = (error: unknown): string => (error as { code: string }).code;
  let database: Database;
  try {
    database = await open(slot);
  } catch (error) {
    return `does not open: ${code(error)}`;
  }
  const readable = async (sql: string): Promise<string> =>
    database.transaction((tx) => tx.all(sql)).then(() => "readable", code);
  const [messages, meta] = [await readable("SELECT * FROM messages"), await readable("SELECT * FROM meta")];
  await database.close();
  if (messages === "readable" && meta === "readable") return "all readable";
  return messages === "corrupt" && meta === "readable" ? "messages lost, the rest readable" : `${messages}, ${meta}`;
}
