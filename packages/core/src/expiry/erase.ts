import { removeMessage, type MessageRow } from "../content/message-rows.ts";
import type { ConversationRow } from "../conversations/conversation-record.ts";
import { forgetChanges } from "../sync/outbox.ts";
import type { Transaction } from "../vault/database.ts";

/** So many messages go at once: others wait for the database meanwhile. What is left is hidden until it goes, too. */
const BATCH = 500;

/** What was erased, for those who show it or hold files of it. */
export interface Erased {
  readonly conversations: readonly {
    readonly row: ConversationRow;
    readonly groupId: Uint8Array;
    readonly messageIds: readonly Uint8Array[];
  }[];
  /** Attachments whose local copies may go. */
  readonly blobs: readonly Uint8Array[];
}

/**
 * Erases messages whose timer has run out, the oldest first, and all that belongs to them: words, attachments, reactions,
 * receipts, and what waits to be sent of them or about them. A deletion that waits is sent all the same: others may have
 * the message still.
 */
export function eraseExpired(tx: Transaction, now: number): Erased {
  const rows = tx.all<MessageRow>(
    "SELECT * FROM messages WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
    now,
    BATCH,
  );
  const messages = new Map<number, Uint8Array[]>();
  const blobs: Uint8Array[] = [];
  for (const row of rows) {
    tx.run("DELETE FROM outbox WHERE message = ?", row.id);
    forgetChanges(tx, row.conversation, row.message_id);
    blobs.push(...removeMessage(tx, row));
    const ids = messages.get(row.conversation) ?? [];
    ids.push(row.message_id);
    messages.set(row.conversation, ids);
  }
  if (rows.length > 0) oweBurn(tx);
  const conversations = [...messages].map(([row, messageIds]) => {
    const found = tx.get<{ group_id: Uint8Array }>("SELECT group_id FROM conversations WHERE id = ?", row);
    return { row, groupId: found?.group_id ?? new Uint8Array(0), messageIds };
  });
  return { conversations, blobs };
}

/** What is yet to disappear, and to be forgotten. */
export interface Pending {
  /** When the next message disappears, in counted time; undefined if none counts down. */
  readonly next: number | undefined;
  /** Something disappeared since the last burn: an older copy of this device still has it. */
  readonly burn: boolean;
}

export function pending(tx: Transaction): Pending {
  const row = tx.get<{ next: number | undefined; burn: number }>(
    `SELECT min(expires_at) AS next, EXISTS (SELECT 1 FROM meta WHERE name = 'burn-due') AS burn
     FROM messages WHERE expires_at IS NOT NULL`,
  );
  return { next: row?.next, burn: row?.burn === 1 };
}

/** Something disappeared that the next burn is to make unreadable in older copies, too. */
export function oweBurn(tx: Transaction): void {
  tx.run("INSERT INTO meta (name, value) VALUES ('burn-due', 1) ON CONFLICT (name) DO NOTHING");
}

/** A burn has covered everything that disappeared before. */
export function burnPaid(tx: Transaction): void {
  tx.run("DELETE FROM meta WHERE name = 'burn-due'");
}
