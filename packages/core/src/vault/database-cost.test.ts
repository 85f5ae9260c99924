import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { createSeededFractions } from "@stonechat/testkit/seeded-fractions";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";

/** What a client keeps: messages found by order and by id, one ratchet for each of 100 members, cursors, a search index. */
const MIGRATIONS = [
  {
    version: 1,
    sql: `
      CREATE TABLE message(id INTEGER PRIMARY KEY, conversation INTEGER, message_id BLOB, sender INTEGER, sent INTEGER,
        body BLOB, text TEXT) STRICT;
      CREATE INDEX message_order ON message(conversation, sent);
      CREATE UNIQUE INDEX message_by_id ON message(conversation, message_id);
      CREATE TABLE ratchet(conversation INTEGER, leaf INTEGER, state BLOB, PRIMARY KEY(conversation, leaf)) STRICT, WITHOUT ROWID;
      CREATE TABLE conversation(id INTEGER PRIMARY KEY, cursor INTEGER, unread INTEGER) STRICT;
      CREATE VIRTUAL TABLE search USING fts5(text, content='message', content_rowid='id');
      INSERT INTO search(search, rank) VALUES('secure-delete', 1);`,
  },
];
const CONVERSATIONS = 20;
const MEMBERS = 100;
const MESSAGES = 2000;
const MAX_BYTES = 16 * 1024;

test("a received 1 KiB message writes at most 16 KiB, checkpoints included, with one flush", async () => {
  const random = createSeededFractions(1);
  const upTo = (limit: number): number => Math.floor(random() * limit);
  const files = new MemoryBlockFiles(1);
  const db = await openDatabase({ sqlite: await testSqlite(), files, name: "main", migrations: MIGRATIONS });
  await db.transaction((tx) => {
    for (let conversation = 0; conversation < CONVERSATIONS; conversation += 1) {
      tx.run("INSERT INTO conversation VALUES(?, 0, 0)", conversation);
      for (let leaf = 0; leaf < MEMBERS; leaf += 1) {
        tx.run("INSERT INTO ratchet VALUES(?, ?, ?)", conversation, leaf, randomBytes(300));
      }
    }
  });
  function randomBytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => upTo(256));
  }
  const receive = async (at: number): Promise<void> => {
    const text = Array.from({ length: 11 }, () => `word${String(Math.floor(random() ** 3 * 20_000))}`).join(" ");
    const conversation = upTo(8);
    const [messageId, body, state] = [randomBytes(16), randomBytes(900), randomBytes(300)];
    await db.transaction((tx) => {
      tx.run(
        "INSERT INTO message VALUES(?, ?, ?, ?, ?, ?, ?)",
        at,
        conversation,
        messageId,
        upTo(MEMBERS),
        at,
        body,
        text,
      );
      tx.run("INSERT INTO search(rowid, text) VALUES(?, ?)", at, text);
      tx.run("UPDATE ratchet SET state = ? WHERE conversation = ? AND leaf = ?", state, conversation, upTo(MEMBERS));
      tx.run("UPDATE conversation SET cursor = ?, unread = unread + 1 WHERE id = ?", at, conversation);
    });
  };
  for (let at = 1; at <= MESSAGES; at += 1) await receive(at);
  files.bytesWritten = 0;
  files.flushes = 0;
  const begun = performance.now();
  for (let at = MESSAGES + 1; at <= 2 * MESSAGES; at += 1) await receive(at);
  const each = {
    bytes: Math.round(files.bytesWritten / MESSAGES),
    flushes: files.flushes / MESSAGES,
    milliseconds: (performance.now() - begun) / MESSAGES,
  };
  console.info(
    `received message: ${String(each.bytes)} bytes written, ${each.flushes.toFixed(2)} flushes, ${each.milliseconds.toFixed(2)} ms without the disk`,
  );
  await db.close();
  expect(each.bytes).toBeLessThan(MAX_BYTES);
  expect(each.flushes).toBeLessThan(1.2);
});
