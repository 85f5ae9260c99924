import {
  MAX_ATTACHMENTS,
  MAX_EMOJI_BYTES,
  MAX_TEXT_BYTES,
  toHex,
  type ContentBody,
  type MessageId,
} from "@stonechat/protocol";
import type { StagedAttachment } from "../attachments/attachment-transfers.ts";
import { applyContent } from "../content/apply-content.ts";
import {
  insertAttachments,
  insertMessage,
  messageRow,
  lastOrd,
  nextPendingOrd,
  PENDING_ORD,
  removeMessage,
  type MessageRow,
} from "../content/message-rows.ts";
import { indexDueWords } from "../content/message-words.ts";
import { oweReceipt } from "../content/receipts.ts";
import { forgetUnsent, noteUnsent } from "../content/unsent.ts";
import { viewContext } from "../content/view-context.ts";
import { conversationName, isAdmin, otherMember, toMessageView, toReadersView } from "../content/views.ts";
import {
  ClientError,
  MAX_TIMER_SECONDS,
  type AttachmentInput,
  type MessagePage,
  type MessageView,
  type ReadersView,
  type SearchHit,
  type SendInput,
} from "../client-api.ts";
import { found, write } from "../context.ts";
import type { Core } from "../core.ts";
import { conversationByRow, touchConversation, type ConversationRecord } from "../conversations/conversation-record.ts";
import { countFromReading, giveUpAt, shortestTimer } from "../expiry/timers.ts";
import { heldList } from "../identity/identity-store.ts";
import { enqueue } from "../sync/outbox.ts";
import type { Transaction } from "../vault/database.ts";
import { parseId } from "./contacts.ts";
import { openRecord, recordOf } from "./conversations.ts";

const MAX_PAGE = 200;

export function listMessages(
  core: Core,
  id: string,
  page: { readonly before?: number; readonly limit: number },
): Promise<MessagePage> {
  const limit = Math.max(1, Math.min(MAX_PAGE, Math.floor(page.limit)));
  return core.db.transaction((tx) => {
    const record = recordOf(tx, id);
    const context = viewContext(core, tx);
    const before = page.before ?? Number.MAX_SAFE_INTEGER;
    const rows = tx.all<MessageRow>(
      "SELECT * FROM live_messages WHERE conversation = ? AND ord < ? ORDER BY ord DESC LIMIT ?",
      record.id,
      before,
      limit + 1,
    );
    const unread = tx.get<{ message_id: Uint8Array }>(
      "SELECT message_id FROM live_messages WHERE conversation = ? AND ord > ? AND sender <> ? AND type <> 'notice' ORDER BY ord LIMIT 1",
      record.id,
      record.readOrd,
      context.ownRow,
    );
    return {
      messages: rows
        .slice(0, limit)
        .reverse()
        .map((row) => toMessageView(tx, context, record, row)),
      hasOlder: rows.length > limit,
      ...(unread === undefined ? {} : { firstUnreadId: toHex(unread.message_id) }),
    };
  });
}

/** @throws ClientError `not-found` */
export function rowOf(tx: Transaction, record: ConversationRecord, messageId: string): MessageRow {
  return found(messageRow(tx, record.id, parseId(messageId)));
}

export function getMessage(core: Core, id: string, messageId: string): Promise<MessageView> {
  return core.db.transaction((tx) => {
    const record = recordOf(tx, id);
    return toMessageView(tx, viewContext(core, tx), record, rowOf(tx, record, messageId));
  });
}

/** @throws ClientError unless something may be sent there now. */
function checkWritable(tx: Transaction, record: ConversationRecord): void {
  if (record.kind !== "direct") return;
  const contact = tx.get<{ identity: number; blocked: number; verified: number; seen_list: number }>(
    "SELECT identity, blocked, verified, seen_list FROM contacts WHERE conversation = ?",
    record.id,
  );
  if (contact?.blocked === 1) throw new ClientError("blocked");
  // Whoever was verified is written to again only after the user has looked at the change.
  const changed = contact?.verified === 1 && (heldList(tx, contact.identity)?.list.seq ?? 0) > contact.seen_list;
  if (changed) throw new ClientError("unverified");
}

/** Whether messages can have it. */
function isTimer(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds >= 1 && seconds <= MAX_TIMER_SECONDS;
}

function checkText(text: string): string {
  if (!text.isWellFormed() || text.includes("\0")) throw new ClientError("bad-value");
  if (new TextEncoder().encode(text).length > MAX_TEXT_BYTES) throw new ClientError("too-long");
  return text;
}

/** A view-once file says nothing of what it is before it is opened. */
const VIEW_ONCE_NAME = "view-once";

/** @throws ClientError */
function checkInput({ text, attachments = [], timerSeconds, viewOnce = false }: SendInput): readonly AttachmentInput[] {
  checkText(text);
  if (text.trim() === "" && attachments.length === 0) throw new ClientError("empty");
  if (attachments.length > MAX_ATTACHMENTS) throw new ClientError("too-large");
  if (timerSeconds !== undefined && !isTimer(timerSeconds)) throw new ClientError("bad-value");
  if (!viewOnce) return attachments;
  if (text !== "" || attachments.length !== 1 || attachments[0]?.kind === "file") throw new ClientError("bad-value");
  return attachments.map(({ thumbnail: _shown, ...attachment }) => ({ ...attachment, name: VIEW_ONCE_NAME }));
}

/** Queues a message; it is on this device from here on, whatever happens to the network. */
export async function sendMessage(core: Core, id: string, input: SendInput): Promise<MessageView> {
  const inputs = checkInput(input);
  const { relayUrl, unsent } = await core.db.transaction((tx) => {
    const record = openRecord(tx, id);
    checkWritable(tx, record);
    const { timerSeconds } = record.settings;
    if (timerSeconds > 0 && (input.timerSeconds ?? 0) > timerSeconds) throw new ClientError("bad-value");
    const files = inputs.length;
    const unsent = files === 0 ? undefined : noteUnsent(tx, record.id, { text: input.text, files });
    return { relayUrl: record.relayUrl, unsent };
  });
  if (unsent === undefined) return queueMessage(core, id, input, []);
  try {
    const staged: StagedAttachment[] = [];
    for (const attachment of inputs) staged.push(await core.transfers.stage(attachment, relayUrl));
    return await queueMessage(core, id, input, staged, unsent);
  } catch (error) {
    // The sender hears of it now. If this cannot be stored either, he hears of it once more at the next start.
    const forgotten = core.db.transaction((tx) => {
      forgetUnsent(tx, unsent);
    });
    // So he does if the program is being closed: that is what was noted.
    await forgotten.catch((failure: unknown) => {
      if (core.started) core.report(failure);
    });
    throw error;
  }
}

function queueMessage(
  core: Core,
  id: string,
  input: SendInput,
  staged: readonly StagedAttachment[],
  unsent?: number,
): Promise<MessageView> {
  const attachments = staged.map(({ attachment }) => attachment);
  const body = {
    type: "message",
    text: input.text,
    replyTo: input.replyTo === undefined ? undefined : (parseId(input.replyTo) as MessageId),
    attachments,
    viewOnce: input.viewOnce === true,
  } as const;
  return write(core, (tx, afterwards) => {
    const record = openRecord(tx, id);
    checkWritable(tx, record);
    const now = core.clock.now();
    const context = viewContext(core, tx);
    // It goes as it was written, also if it is sent after the conversation's timer was taken away.
    const timerSeconds = shortestTimer(input.timerSeconds, record.settings.timerSeconds);
    const content = {
      messageId: core.random.bytes(16) as MessageId,
      sentAt: now,
      body: { ...body, timerSeconds },
      extensions: new Uint8Array(0),
    };
    const message = insertMessage(tx, {
      conversation: record.id,
      ord: nextPendingOrd(tx, record.id),
      sender: context.ownRow,
      receivedAt: now,
      state: "waiting",
      roster: record.roster,
      content,
      timerSeconds,
      expiresAt: giveUpAt(core, tx, timerSeconds),
    });
    if (message === undefined) throw new RangeError("a message id came twice");
    insertAttachments(
      tx,
      message,
      attachments,
      "staged",
      staged.map(({ writeToken }) => writeToken),
    );
    enqueue(tx, core.random, record.id, content, { message, uploads: attachments.length });
    if (unsent !== undefined) forgetUnsent(tx, unsent);
    tx.run("UPDATE conversations SET draft = '' WHERE id = ?", record.id);
    touchConversation(tx, record.id, now);
    afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [toHex(content.messageId)] });
    afterwards.emit({ type: "conversations-changed" });
    afterwards.run(() => {
      core.wakeConversation(record.id);
      if (attachments.length > 0 && core.started) core.transfers.resume().catch(core.report);
    });
    return toMessageView(tx, context, record, found(messageRow(tx, record.id, content.messageId)));
  });
}

/** Sends a content that changes another message, and applies it here at once by the same rules that others apply. */
async function sendChange(
  core: Core,
  id: string,
  body: ContentBody,
  check: (tx: Transaction, record: ConversationRecord) => void,
): Promise<void> {
  await write(core, async (tx, afterwards) => {
    const record = openRecord(tx, id);
    checkWritable(tx, record);
    check(tx, record);
    const content = enqueue(tx, core.random, record.id, { sentAt: core.clock.now(), body });
    const { ownRow, account } = viewContext(core, tx);
    const device = { leaf: 0, identityKey: account.identityKey, deviceKey: account.deviceKey };
    await applyContent({ core, tx, afterwards }, record, { sender: ownRow, device, content, ord: 0, own: true });
    afterwards.run(() => {
      core.wakeConversation(record.id);
    });
  });
}

export function react(core: Core, id: string, messageId: string, emoji: string, removed: boolean): Promise<void> {
  if (emoji.trim() === "" || new TextEncoder().encode(emoji).length > MAX_EMOJI_BYTES)
    throw new ClientError("bad-value");
  const target = parseId(messageId) as MessageId;
  return sendChange(core, id, { type: "reaction", target, emoji, removed }, (tx, record) => {
    if (rowOf(tx, record, messageId).type !== "message") throw new ClientError("not-allowed");
  });
}

export function editMessage(core: Core, id: string, messageId: string, text: string): Promise<void> {
  if (checkText(text).trim() === "") throw new ClientError("empty");
  const target = parseId(messageId) as MessageId;
  return sendChange(core, id, { type: "edit", target, text }, (tx, record) => {
    if (!toMessageView(tx, viewContext(core, tx), record, rowOf(tx, record, messageId)).canEdit)
      throw new ClientError("not-allowed");
  });
}

export async function deleteForEveryone(core: Core, id: string, messageId: string): Promise<void> {
  if (await recall(core, id, messageId)) return;
  const target = parseId(messageId) as MessageId;
  await sendChange(core, id, { type: "delete", target }, (tx, record) => {
    const row = rowOf(tx, record, messageId);
    const own = row.sender === viewContext(core, tx).ownRow;
    if (row.type !== "message" || !(own || (record.kind === "group" && isAdmin(record, core.account()))))
      throw new ClientError("not-allowed");
  });
}

/** A message that has not been encrypted yet just does not go. @returns Whether it was one. */
async function recall(core: Core, id: string, messageId: string): Promise<boolean> {
  return write(core, (tx, afterwards) => {
    const row = rowOf(tx, openRecord(tx, id), messageId);
    if (tx.run("DELETE FROM outbox WHERE message = ? AND body IS NULL", row.id) === 0) return false;
    const blobs = removeMessage(tx, row);
    afterwards.run(() => {
      core.dropLocalBlobs(blobs);
    });
    afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [messageId] });
    afterwards.emit({ type: "conversations-changed" });
    return true;
  });
}

export async function deleteForMe(core: Core, id: string, messageId: string): Promise<void> {
  await write(core, (tx, afterwards) => {
    const record = recordOf(tx, id);
    const row = rowOf(tx, record, messageId);
    tx.run("DELETE FROM outbox WHERE message = ? AND body IS NULL", row.id);
    const blobs = removeMessage(tx, row);
    afterwards.run(() => {
      core.dropLocalBlobs(blobs);
    });
    afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [messageId] });
    afterwards.emit({ type: "conversations-changed" });
  });
}

export async function markRead(core: Core, id: string, messageId: string): Promise<void> {
  await write(core, (tx, afterwards) => {
    const record = recordOf(tx, id);
    const row = rowOf(tx, record, messageId);
    // What waits to be sent stands behind all that is yet to come.
    const ord = row.ord < PENDING_ORD ? row.ord : lastOrd(tx, record.id);
    const { ownRow } = viewContext(core, tx);
    const begun = countFromReading(core, tx, record.id, ord, ownRow);
    if (begun) afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [messageId] });
    if (ord <= record.readOrd) return;
    const wanted = tx.get<{ value: number }>("SELECT value FROM meta WHERE name = 'read-receipts'")?.value !== 0;
    const read = tx.all<{ message_id: Uint8Array }>(
      "SELECT message_id FROM live_messages WHERE conversation = ? AND ord > ? AND ord <= ? AND sender <> ? AND type = 'message' ORDER BY ord DESC LIMIT 500",
      record.id,
      record.readOrd,
      ord,
      ownRow,
    );
    if (wanted && record.state === "active")
      for (const { message_id } of read) oweReceipt(tx, record, message_id as MessageId, "read");
    tx.run("UPDATE conversations SET read_ord = ? WHERE id = ?", ord, record.id);
    afterwards.emit({ type: "conversations-changed" });
    if (read.length > 0)
      afterwards.run(() => {
        core.wakeReceipts();
      });
  });
}

export function getReaders(core: Core, id: string, messageId: string): Promise<ReadersView> {
  return core.db.transaction((tx) => {
    const record = recordOf(tx, id);
    return toReadersView(tx, viewContext(core, tx), record, rowOf(tx, record, messageId));
  });
}

/** Messages that hold all words of the query, newest first; the last word may be unfinished. */
export function searchMessages(core: Core, query: string, limit: number): Promise<readonly SearchHit[]> {
  const words = query
    .normalize("NFC")
    // No word holds NUL, and SQLite would end the query there.
    .split(/[\s\0]+/u)
    .map((word) => word.replaceAll('"', ""))
    .filter((word) => word !== "");
  if (words.length === 0) return Promise.resolve([]);
  const match = words.map((word, i) => `"${word}"${i === words.length - 1 ? "*" : ""}`).join(" ");
  return core.db.transaction((tx) => {
    indexDueWords(tx);
    const context = viewContext(core, tx);
    const rows = tx.all<MessageRow>(
      "SELECT m.* FROM message_words w JOIN live_messages m ON m.id = w.rowid WHERE message_words MATCH ? ORDER BY m.sent_at DESC LIMIT ?",
      match,
      Math.max(1, Math.min(100, Math.floor(limit))),
    );
    return rows.flatMap((row) => {
      const record = conversationByRow(tx, row.conversation);
      if (record === undefined) return [];
      return [
        {
          message: toMessageView(tx, context, record, row),
          conversationName: conversationName(tx, record, otherMember(tx, record, context.ownRow)),
        },
      ];
    });
  });
}
