import type { Transaction } from "../vault/database.ts";
import type { MessageRow } from "./message-rows.ts";

/**
 * Messages whose words enter the search index together. One by one, each would write some 16 KiB of index and merges;
 * together they share pages and words, and cost 4.
 */
const BATCH = 128;

/**
 * [Note: How search finds what is not indexed yet]
 *
 * A new message is noted in `words_due` in its own transaction. Its words follow with those of the next {@link BATCH}, or
 * when somebody searches: {@link indexDueWords} comes first in each search, so nobody can see the difference.
 */
export function noteWords(tx: Transaction, message: number): void {
  tx.run("INSERT INTO words_due (message) VALUES (?)", message);
  const due = tx.get<{ count: number }>("SELECT count(*) AS count FROM words_due");
  if ((due?.count ?? 0) >= BATCH) indexDueWords(tx);
}

/** Brings the search index up to date. */
export function indexDueWords(tx: Transaction): void {
  tx.run(
    "INSERT INTO message_words (rowid, text) SELECT m.id, m.text FROM words_due w JOIN messages m ON m.id = w.message ORDER BY m.id",
  );
  tx.run("DELETE FROM words_due");
}

/** Takes a message's words out of the index. Call this before its text changes. */
export function forgetWords(tx: Transaction, row: Pick<MessageRow, "id" | "text">): void {
  if (row.text === "" || tx.run("DELETE FROM words_due WHERE message = ?", row.id) > 0) return;
  tx.run("INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', ?, ?)", row.id, row.text);
}
