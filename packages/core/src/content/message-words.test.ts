import { ManualClock } from "@stonechat/testkit/manual-clock";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import type { MessageId } from "@stonechat/protocol";
import { expect, test } from "vitest";
import { ExpiringDatabase } from "../expiry/expiring-database.ts";
import { openDatabase, type Transaction } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import {
  changeText,
  deleteContent,
  insertMessage,
  messageRow,
  removeMessage,
  type MessageRow,
} from "./message-rows.ts";
import { indexDueWords } from "./message-words.ts";

const CONVERSATION = 1;
const random = repeatableRandom("words");

async function withMessages<T>(work: (tx: Transaction) => T): Promise<T> {
  const sqlite = await testSqlite();
  const opened = await openDatabase({ sqlite, files: new MemoryBlockFiles(1), name: "main", migrations: MIGRATIONS });
  const db = await ExpiringDatabase.open(opened, new ManualClock(), fail);
  try {
    return await db.transaction((tx) => {
      tx.run("INSERT INTO identities (id, key) VALUES (1, ?)", random.bytes(32));
      tx.run(
        `INSERT INTO conversations (id, group_id, kind, relay_url, log_id, log_made, state, settings, next_seq, epoch,
           read_token, append_token, entry_key, roster, state_hash, activity_at)
         VALUES (?, x'01', 'own', '', x'', 1, 'active', x'', 0, 0, x'', x'', x'', 0, x'', 0)`,
        CONVERSATION,
      );
      return work(tx);
    });
  } finally {
    await db.close();
  }
}

function fail(error: unknown): void {
  throw error as Error;
}

function add(tx: Transaction, ord: number, text: string): MessageRow {
  const messageId = random.bytes(16) as MessageId;
  const content = {
    messageId,
    sentAt: 0,
    body: { type: "message", text, replyTo: undefined, attachments: [], timerSeconds: 0, viewOnce: false },
    extensions: new Uint8Array(0),
  } as const;
  insertMessage(tx, {
    ...{ conversation: CONVERSATION, ord, sender: 1, receivedAt: 0, state: "received", roster: 0 },
    content,
    timerSeconds: 0,
  });
  const row = messageRow(tx, CONVERSATION, messageId);
  if (row === undefined) throw new RangeError("not inserted");
  return row;
}

function search(tx: Transaction, word: string): readonly unknown[] {
  indexDueWords(tx);
  return tx
    .all("SELECT rowid AS id FROM message_words WHERE message_words MATCH ? ORDER BY rowid", word)
    .map(({ id }) => id);
}

test("each of many messages is found by its words, also those that no batch has indexed yet", () =>
  withMessages((tx) => {
    const rows = Array.from({ length: 300 }, (_, i) => add(tx, i, `both word${String(i)}`));
    for (const [i, { id }] of rows.entries()) expect(search(tx, `word${String(i)}`)).toEqual([id]);
    expect(search(tx, "both")).toHaveLength(300);
  }));

test("a text that was changed is found by its new words alone, whether it had been indexed before or not", () =>
  withMessages((tx) => {
    const early = add(tx, 1, "alpha");
    indexDueWords(tx);
    const late = add(tx, 2, "alpha");
    for (const row of [early, late]) changeText(tx, row, "beta", 1);
    expect([search(tx, "alpha"), search(tx, "beta")]).toEqual([[], [early.id, late.id]]);
  }));

test("no word stays behind of a message that was deleted or removed, and the index is sound", () =>
  withMessages((tx) => {
    const early = [add(tx, 1, "alpha one"), add(tx, 2, "alpha two")] as const;
    indexDueWords(tx);
    const late = [add(tx, 3, "alpha three"), add(tx, 4, "alpha four")] as const;
    for (const [deleted, removed] of [early, late]) {
      deleteContent(tx, deleted, false);
      removeMessage(tx, removed);
    }
    const again = add(tx, 5, "omega");
    expect([search(tx, "alpha"), search(tx, "omega")]).toEqual([[], [again.id]]);
    tx.run("INSERT INTO message_words (message_words) VALUES ('integrity-check')");
  }));
