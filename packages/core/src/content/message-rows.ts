import {
  isViewOnce,
  MAX_ATTACHMENTS,
  structure,
  type Attachment,
  type MessageId,
  type Content,
} from "@stonechat/protocol";
import { encodeContent } from "@stonechat/protocol";
import { attachmentCodec } from "@stonechat/protocol";
import type { Transaction } from "../vault/database.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import { forgetBodies } from "../sync/tail.ts";
import { forgetWords, noteWords } from "./message-words.ts";

const attachmentData = structure("Attachment", 60_000, attachmentCodec);

/** Own messages that the relay has not acknowledged sort after all others, in the order of writing. */
export const PENDING_ORD = 2 ** 52;
/** Lines that one entry may make. */
export const ORDS_PER_ENTRY = 8;

/** No log grows so long. Beyond it, lines could not be told from those that wait. */
export const MAX_SEQ = 2 ** 48;

/** Where the lines that entry `seq` makes begin. */
export function ordOf(seq: number): number {
  return seq * ORDS_PER_ENTRY;
}

/** {@link ordOf} where the relay may have begun to count anew: behind everything that came before that. */
export function placeOf(record: { readonly placeShift: number }, seq: number): number {
  return ordOf(seq + record.placeShift);
}

export type MessageRow = SqlRow & {
  readonly id: number;
  readonly conversation: number;
  readonly ord: number;
  readonly message_id: Uint8Array;
  readonly sender: number | undefined;
  readonly sent_at: number;
  readonly received_at: number;
  readonly type: string;
  readonly text: string;
  readonly reply_to: Uint8Array | undefined;
  readonly edited_at: number | undefined;
  readonly state: string;
  readonly roster: number | undefined;
  readonly data: Uint8Array | undefined;
  /** 0: it stays. */
  readonly timer_seconds: number;
  /** In counted time; see [Note: The time that timers go by]. */
  readonly expires_at: number | undefined;
  readonly view_once: ViewOnce | undefined;
};

export type ViewOnce = "unopened" | "opened";

export interface NewMessage {
  readonly conversation: number;
  readonly ord: number;
  readonly sender: number;
  readonly receivedAt: number;
  readonly state: "waiting" | "sent" | "received";
  readonly roster: number;
  readonly content: Content;
  /** The shortest of all that apply. */
  readonly timerSeconds: number;
  /** In counted time; undefined until it counts down. */
  readonly expiresAt?: number | undefined;
}

/** `ord`, or if that place is taken the nearest free one before it: a relay that numbers two entries alike stops nobody. */
export function freeOrd(tx: Transaction, conversation: number, ord: number): number {
  let free = ord;
  while (tx.get("SELECT 1 AS one FROM messages WHERE conversation = ? AND ord = ?", conversation, free) !== undefined)
    free -= 1;
  return free;
}

/** Adds a message that somebody wrote. @returns Its row, or undefined if this conversation has that message id already. */
export function insertMessage(tx: Transaction, message: NewMessage): number | undefined {
  const { messageId, sentAt, body } = message.content;
  const known = tx.get(
    "SELECT 1 AS one FROM messages WHERE message_id = ? AND conversation = ?",
    messageId,
    message.conversation,
  );
  if (known !== undefined) return undefined;
  const text = body.type === "message" ? body.text : "";
  const type = body.type === "message" ? "message" : "unsupported";
  const data = body.type === "unsupported" ? encodeContent(message.content) : undefined;
  const replyTo = body.type === "message" ? body.replyTo : undefined;
  tx.run(
    `INSERT INTO messages (conversation, ord, message_id, sender, sent_at, received_at, type, text, reply_to, state, roster, data, timer_seconds, expires_at, view_once)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.conversation,
    freeOrd(tx, message.conversation, message.ord),
    messageId,
    message.sender,
    sentAt,
    message.receivedAt,
    type,
    text,
    replyTo,
    message.state,
    message.roster,
    data,
    message.timerSeconds,
    message.expiresAt,
    body.type === "message" && isViewOnce(body) ? "unopened" : undefined,
  );
  const id = tx.get<{ id: number }>("SELECT last_insert_rowid() AS id")?.id ?? 0;
  if (text !== "") noteWords(tx, id);
  return id;
}

export function messageRow(tx: Transaction, conversation: number, messageId: Uint8Array): MessageRow | undefined {
  return tx.get<MessageRow>(
    "SELECT * FROM live_messages WHERE message_id = ? AND conversation = ?",
    messageId,
    conversation,
  );
}

/** Replaces a message's text; the old one is gone from the search index, too. */
export function changeText(tx: Transaction, row: MessageRow, text: string, editedAt: number): void {
  forgetWords(tx, row);
  tx.run("UPDATE messages SET text = ?, edited_at = ? WHERE id = ?", text, editedAt, row.id);
  if (text !== "") noteWords(tx, row.id);
}

/** Leaves a tombstone where a message was. @returns The blobs whose local copies may go. */
export function deleteContent(tx: Transaction, row: MessageRow, byModerator: boolean): readonly Uint8Array[] {
  const blobs = attachmentRows(tx, row.id).map(({ blob_id }) => blob_id);
  forgetWords(tx, row);
  forgetBodies(tx, row.conversation);
  tx.run(
    "UPDATE messages SET type = 'deleted', text = '', reply_to = NULL, edited_at = NULL, view_once = NULL, data = ? WHERE id = ?",
    Uint8Array.of(byModerator ? 1 : 0),
    row.id,
  );
  tx.run("DELETE FROM attachments WHERE message = ?", row.id);
  tx.run("DELETE FROM reactions WHERE conversation = ? AND message_id = ?", row.conversation, row.message_id);
  return blobs;
}

/** A view-once message's attachment is not to be opened here any more. @returns The blobs whose local copies may go. */
export function closeViewOnce(tx: Transaction, message: number): readonly Uint8Array[] {
  if (tx.run("UPDATE messages SET view_once = 'opened' WHERE id = ? AND view_once = 'unopened'", message) === 0)
    return [];
  const blobs = attachmentRows(tx, message).map(({ blob_id }) => blob_id);
  tx.run("DELETE FROM attachments WHERE message = ?", message);
  return blobs;
}

/** Removes a message from this device only. @returns The blobs whose local copies may go. */
export function removeMessage(tx: Transaction, row: MessageRow): readonly Uint8Array[] {
  const blobs = deleteContent(tx, row, false);
  tx.run("DELETE FROM messages WHERE id = ?", row.id);
  tx.run("DELETE FROM receipts WHERE conversation = ? AND message_id = ?", row.conversation, row.message_id);
  return blobs;
}

/** `remote`: to be fetched. `staged`: its ciphertext is here and has to be sent. `local`: its ciphertext is here. */
export type AttachmentState = "remote" | "staged" | "local" | "failed";

export type AttachmentRow = SqlRow & {
  readonly id: number;
  readonly message: number;
  readonly position: number;
  readonly blob_id: Uint8Array;
  readonly data: Uint8Array;
  readonly state: string;
  readonly write_token: Uint8Array | undefined;
  readonly reason: string | undefined;
};

export function insertAttachments(
  tx: Transaction,
  message: number,
  attachments: readonly Attachment[],
  state: AttachmentState,
  writeTokens: readonly Uint8Array[] = [],
): void {
  for (const [position, attachment] of attachments.slice(0, MAX_ATTACHMENTS).entries()) {
    // A blob that another message brought already keeps its row; the new message then shows none: ids are random, so this is replay.
    tx.run(
      "INSERT INTO attachments (message, position, blob_id, data, state, write_token) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (blob_id) DO NOTHING",
      message,
      position,
      attachment.blob.blobId,
      attachmentData.encode(attachment),
      state,
      writeTokens[position],
    );
  }
}

export function attachmentRows(tx: Transaction, message: number): readonly AttachmentRow[] {
  return tx.all<AttachmentRow>("SELECT * FROM attachments WHERE message = ? ORDER BY position", message);
}

export function decodeAttachment(row: Pick<AttachmentRow, "data">): Attachment {
  return attachmentData.decode(row.data);
}

/** The last place of all that stands in the log; -1 if nothing does. */
export function lastOrd(tx: Transaction, conversation: number): number {
  const last = tx.get<{ last: number | undefined }>(
    "SELECT max(ord) AS last FROM messages WHERE conversation = ? AND ord < ?",
    conversation,
    PENDING_ORD,
  );
  return last?.last ?? -1;
}

/** The next place after everything that waits to be sent. */
export function nextPendingOrd(tx: Transaction, conversation: number): number {
  const last = tx.get<{ last: number | undefined }>(
    "SELECT max(ord) AS last FROM messages WHERE conversation = ? AND ord >= ?",
    conversation,
    PENDING_ORD,
  );
  return last?.last === undefined ? PENDING_ORD : last.last + 1;
}

export function toMessageId(row: Pick<MessageRow, "message_id">): MessageId {
  return row.message_id as MessageId;
}
