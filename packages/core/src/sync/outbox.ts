import {
  encodeContent,
  toHex,
  type Content,
  type ContentBody,
  type EntryId,
  type MessageId,
} from "@stonechat/protocol";
import type { Random } from "@stonechat/crypto";
import type { Writing } from "../context.ts";
import { countFromSending } from "../expiry/timers.ts";
import { closeViewOnce, freeOrd, MAX_SEQ, placeOf } from "../content/message-rows.ts";
import type { Transaction } from "../vault/database.ts";

export type OutboxRow = {
  readonly id: number;
  readonly message: number | undefined;
  readonly content: Uint8Array;
  readonly entry_id: Uint8Array;
  readonly body: Uint8Array | undefined;
  /** The message that this changes. */
  readonly target: Uint8Array | undefined;
};

/** Puts a content into the conversation's outbox, where it stays until the relay has acknowledged it. */
export function enqueue(
  tx: Transaction,
  random: Random,
  conversation: number,
  content: { readonly messageId?: MessageId; readonly sentAt: number; readonly body: ContentBody },
  options: { readonly message?: number; readonly uploads?: number } = {},
): Content {
  const whole: Content = {
    messageId: content.messageId ?? (random.bytes(16) as MessageId),
    sentAt: content.sentAt,
    body: content.body,
    extensions: new Uint8Array(0),
  };
  tx.run(
    "INSERT INTO outbox (conversation, message, content, entry_id, uploads, target) VALUES (?, ?, ?, ?, ?, ?)",
    conversation,
    options.message,
    encodeContent(whole),
    random.bytes(16),
    options.uploads ?? 0,
    changedMessage(content.body),
  );
  return whole;
}

/**
 * The message that was to be changed has disappeared: what waits to be sent about it is forgotten. What was encrypted
 * already still goes, or its generation would be missing to all others; only its words leave this device.
 */
export function forgetChanges(tx: Transaction, conversation: number, target: Uint8Array): void {
  const about = "conversation = ? AND target = ?";
  tx.run(`DELETE FROM outbox WHERE ${about} AND body IS NULL`, conversation, target);
  tx.run(`UPDATE outbox SET content = x'' WHERE ${about}`, conversation, target);
}

/** The message that goes with a change: when it has disappeared nobody is to hear of the change. */
function changedMessage(body: ContentBody): MessageId | undefined {
  return body.type === "edit" || body.type === "reaction" ? body.target : undefined;
}

/** The next ones to go, in order; none past one that still waits for an upload. */
export function nextOutgoing(tx: Transaction, conversation: number, limit: number): readonly OutboxRow[] {
  const rows = tx.all<OutboxRow & { uploads: number }>(
    "SELECT id, message, content, entry_id, body, uploads, target FROM outbox WHERE conversation = ? ORDER BY id LIMIT ?",
    conversation,
    limit,
  );
  const blocked = rows.findIndex(({ uploads }) => uploads > 0);
  return blocked < 0 ? rows : rows.slice(0, blocked);
}

/**
 * The relay has this entry, at this place. Told by its answer or by the log itself, whichever comes first; the second
 * time nothing is left to do.
 *
 * @returns Whether the entry was one of ours that waited.
 */
export function markSent(
  { core, tx, afterwards }: Writing,
  conversation: number,
  entryId: EntryId,
  seq: number,
): boolean {
  const row = tx.get<{ id: number; message: number | undefined }>(
    "SELECT id, message FROM outbox WHERE conversation = ? AND entry_id = ?",
    conversation,
    entryId,
  );
  if (row === undefined) return false;
  tx.run("DELETE FROM outbox WHERE id = ?", row.id);
  if (row.message === undefined) return true;
  const placeShift =
    tx.get<{ place_shift: number }>("SELECT place_shift FROM conversations WHERE id = ?", conversation)?.place_shift ??
    0;
  const ord = freeOrd(tx, conversation, placeOf({ placeShift }, Math.min(seq, MAX_SEQ)));
  tx.run("UPDATE messages SET ord = ?, state = 'sent' WHERE id = ?", ord, row.message);
  countFromSending(core, tx, row.message);
  const blobs = closeViewOnce(tx, row.message);
  afterwards.run(() => {
    core.dropLocalBlobs(blobs);
  });
  const message = tx.get<{ message_id: Uint8Array; group_id: Uint8Array }>(
    "SELECT m.message_id AS message_id, c.group_id AS group_id FROM messages m JOIN conversations c ON c.id = m.conversation WHERE m.id = ?",
    row.message,
  );
  if (message !== undefined) {
    afterwards.emit({
      type: "messages-changed",
      conversationId: toHex(message.group_id),
      messageIds: [toHex(message.message_id)],
    });
    afterwards.emit({ type: "conversations-changed" });
  }
  return true;
}

/** A new epoch began: what was encrypted for the old one and is not in the log will be encrypted again. */
export function forgetCiphertexts(tx: Transaction, random: Random, conversation: number): void {
  // Without words there is nothing to encrypt again.
  tx.run("DELETE FROM outbox WHERE conversation = ? AND content = x''", conversation);
  for (const { id } of tx.all<{ id: number }>(
    "SELECT id FROM outbox WHERE conversation = ? AND body IS NOT NULL",
    conversation,
  )) {
    tx.run("UPDATE outbox SET body = NULL, entry_id = ? WHERE id = ?", random.bytes(16), id);
  }
}
