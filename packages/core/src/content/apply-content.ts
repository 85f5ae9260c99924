import { toHex, type Content, type ContentBody, type MessageId } from "@stonechat/protocol";
import type { ConversationRecord } from "../conversations/conversation-record.ts";
import { touchConversation } from "../conversations/conversation-record.ts";
import { identityKeyOf, nameOf, setProfileName } from "../identity/identity-store.ts";
import type { Member } from "../mls/contract.ts";
import type { Writing } from "../context.ts";
import { addIntent, retryIntents } from "../sync/staged-commit.ts";
import { keepGroupRequest } from "../contacts/group-requests.ts";
import { keepPools } from "../contacts/contact-pools.ts";
import { keepReturnAddress } from "../recovery/return-address.ts";
import { readmit } from "../conversations/rejoin.ts";
import { scheduleRemovals } from "../conversations/removals.ts";
import { countFromReading, countFromWriting, shortestTimer } from "../expiry/timers.ts";
import {
  changeText,
  closeViewOnce,
  deleteContent,
  insertAttachments,
  insertMessage,
  messageRow,
  type MessageRow,
} from "./message-rows.ts";
import { toMessageView, conversationName, isAdmin } from "./views.ts";
import { oweReceipt } from "./receipts.ts";
import { viewContext } from "./view-context.ts";

/** One content that arrived in a conversation, or that we have just sent there. */
export interface Arrived {
  readonly sender: number;
  readonly device: Member;
  readonly content: Content;
  readonly ord: number;
  /** Sent by this very device. */
  readonly own: boolean;
}

/** Gives a content its meaning. Whatever it may not do (another's message edited, an unknown target) it does not do. */
export async function applyContent(writing: Writing, record: ConversationRecord, arrived: Arrived): Promise<void> {
  const { core, tx, afterwards } = writing;
  const { body } = arrived.content;
  if (!arrived.own)
    tx.run(
      "UPDATE conversation_members SET invited = 0 WHERE conversation = ? AND identity = ? AND invited = 1",
      record.id,
      arrived.sender,
    );
  if (!arrived.own && HIDDEN_IF_BLOCKED.has(body.type) && isBlocked(tx, arrived.sender)) return;
  switch (body.type) {
    case "message":
      addMessage(writing, record, arrived, body);
      return;
    case "reaction":
      react(writing, record, arrived, body);
      return;
    case "edit":
      edit(writing, record, arrived, body);
      return;
    case "delete":
      remove(writing, record, arrived, body);
      return;
    case "receipt":
      noteReceipt(writing, record, arrived, body);
      return;
    case "profile":
      setProfileName(tx, arrived.sender, body.name);
      afterwards.emit({ type: "contacts-changed" });
      afterwards.emit({ type: "conversations-changed" });
      return;
    case "group-welcome":
      if (record.kind === "direct") await keepGroupRequest(writing, arrived.sender, body.welcome);
      return;
    case "leave":
      tx.run(
        "UPDATE conversation_members SET leaving = 1 WHERE conversation = ? AND identity = ?",
        record.id,
        arrived.sender,
      );
      if (record.kind === "group") scheduleRemovals(writing, record);
      return;
    case "pools":
      if (record.kind !== "direct" || arrived.own) return;
      keepPools(tx, arrived.sender, body.pools);
      // Somebody may have been waiting to be added.
      for (const conversation of retryIntents(tx)) {
        afterwards.run(() => {
          core.wakeConversation(conversation);
        });
      }
      return;
    case "return-address":
      if (record.kind !== "direct" || arrived.own) return;
      keepReturnAddress(tx, arrived.sender, body);
      // The recovery kit is to hold it.
      afterwards.run(() => {
        core.wakeContacts();
      });
      return;
    case "decline":
      removeDecliner(writing, arrived, body.groupId);
      return;
    case "rejoin":
      if (record.kind === "direct" && !arrived.own) readmit(writing, arrived.sender, body.groupId);
      return;
    case "unsupported":
      // Kept as a row by whoever received it; a newer version gives it a meaning.
      return;
  }
}

/** What a blocked contact says reaches nobody, also in groups, and is never answered. He cannot tell it from silence. */
const HIDDEN_IF_BLOCKED: ReadonlySet<ContentBody["type"]> = new Set([
  "message",
  "reaction",
  "edit",
  "receipt",
  "group-welcome",
  "rejoin",
]);

function isBlocked(tx: Writing["tx"], identity: number): boolean {
  return tx.get("SELECT 1 AS one FROM contacts WHERE identity = ? AND blocked = 1", identity) !== undefined;
}

type BodyOf<T extends ContentBody["type"]> = Extract<ContentBody, { readonly type: T }>;

function addMessage(writing: Writing, record: ConversationRecord, arrived: Arrived, body: BodyOf<"message">): void {
  const { core, tx, afterwards } = writing;
  const now = core.clock.now();
  const ownRow = viewContext(core, tx).ownRow;
  const timerSeconds = shortestTimer(body.timerSeconds, record.settings.timerSeconds);
  const { sentAt } = arrived.content;
  const expiresAt = arrived.sender === ownRow ? countFromWriting(core, tx, timerSeconds, sentAt) : undefined;
  // It has disappeared already from the device that it was written on.
  if (expiresAt !== undefined && expiresAt <= core.counted.now) return;
  const id = insertMessage(tx, {
    conversation: record.id,
    ord: arrived.ord,
    sender: arrived.sender,
    receivedAt: now,
    state: arrived.sender === ownRow ? "sent" : "received",
    roster: record.roster,
    content: arrived.content,
    timerSeconds,
    expiresAt,
  });
  // Sent again under the same id, by a sender that did not learn that it had arrived.
  if (id === undefined) return;
  insertAttachments(tx, id, body.attachments, "remote");
  if (arrived.sender === ownRow) closeViewOnce(tx, id);
  // A relay that numbers two entries alike puts it among what was read.
  else countFromReading(core, tx, record.id, record.readOrd, ownRow);
  touchConversation(tx, record.id, now);
  if (arrived.sender !== ownRow) {
    oweReceipt(tx, record, arrived.content.messageId, "delivered");
    afterwards.run(() => {
      core.wakeReceipts();
    });
  }
  tellMessage(writing, record, arrived.content.messageId, "message");
  afterwards.emit({ type: "conversations-changed" });
}

function tellMessage(
  { core, tx, afterwards }: Writing,
  record: ConversationRecord,
  messageId: MessageId,
  type: "message" | "edit",
): void {
  const row = messageRow(tx, record.id, messageId);
  if (row === undefined) return;
  const context = viewContext(core, tx);
  const message = toMessageView(tx, context, record, row);
  const other =
    record.kind === "direct"
      ? tx.get<{ identity: number }>("SELECT identity FROM contacts WHERE conversation = ?", record.id)?.identity
      : undefined;
  afterwards.emit({ type: "messages-changed", conversationId: toHex(record.groupId), messageIds: [message.id] });
  if (!message.fromSelf || record.kind !== "own")
    afterwards.emit({ type, message, conversationName: conversationName(tx, record, other) });
}

/** The message that a reaction, an edit or a deletion is about, if this device has it and it can still change. */
function target({ tx }: Writing, record: ConversationRecord, id: MessageId): MessageRow | undefined {
  const row = messageRow(tx, record.id, id);
  return row?.type === "message" ? row : undefined;
}

function react(writing: Writing, record: ConversationRecord, arrived: Arrived, body: BodyOf<"reaction">): void {
  const { tx, afterwards } = writing;
  const row = target(writing, record, body.target);
  if (row === undefined || body.emoji === "") return;
  const others = tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM reactions WHERE conversation = ? AND message_id = ? AND identity = ?",
    record.id,
    body.target,
    arrived.sender,
  );
  if (body.removed) {
    tx.run(
      "DELETE FROM reactions WHERE conversation = ? AND message_id = ? AND identity = ? AND emoji = ?",
      record.id,
      body.target,
      arrived.sender,
      body.emoji,
    );
  } else if ((others?.count ?? 0) < MAX_REACTIONS_EACH) {
    tx.run(
      "INSERT INTO reactions (conversation, message_id, identity, emoji) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      record.id,
      body.target,
      arrived.sender,
      body.emoji,
    );
  }
  const conversationId = toHex(record.groupId);
  afterwards.emit({ type: "messages-changed", conversationId, messageIds: [toHex(body.target)] });
  if (arrived.own) return;
  afterwards.emit({
    type: "reaction",
    conversationId,
    messageId: toHex(body.target),
    fromId: toHex(identityKeyOf(tx, arrived.sender)),
    fromName: nameOf(tx, arrived.sender),
    emoji: body.emoji,
    removed: body.removed,
  });
}

/** Different emoji that one account may put on one message. */
const MAX_REACTIONS_EACH = 8;

function edit(writing: Writing, record: ConversationRecord, arrived: Arrived, body: BodyOf<"edit">): void {
  const row = target(writing, record, body.target);
  if (row?.sender !== arrived.sender) return;
  changeText(writing.tx, row, body.text, arrived.content.sentAt);
  tellMessage(writing, record, body.target, "edit");
  writing.afterwards.emit({ type: "conversations-changed" });
}

function remove(writing: Writing, record: ConversationRecord, arrived: Arrived, body: BodyOf<"delete">): void {
  const { core, tx, afterwards } = writing;
  const row = target(writing, record, body.target) ?? messageRow(tx, record.id, body.target);
  if (row === undefined || row.type === "notice" || row.type === "deleted") return;
  const author = row.sender === arrived.sender;
  const moderator =
    record.kind === "group" && isAdmin(record, { ...core.account(), identityKey: identityKeyOf(tx, arrived.sender) });
  if (!author && !moderator) return;
  const blobs = deleteContent(tx, row, !author);
  afterwards.run(() => {
    core.dropLocalBlobs(blobs);
  });
  const conversationId = toHex(record.groupId);
  afterwards.emit({ type: "messages-changed", conversationId, messageIds: [toHex(body.target)] });
  afterwards.emit({ type: "conversations-changed" });
  if (arrived.own) return;
  afterwards.emit({
    type: "delete",
    conversationId,
    messageId: toHex(body.target),
    fromId: toHex(identityKeyOf(tx, arrived.sender)),
    fromName: nameOf(tx, arrived.sender),
  });
}

function noteReceipt(writing: Writing, record: ConversationRecord, arrived: Arrived, body: BodyOf<"receipt">): void {
  const { core, tx, afterwards } = writing;
  const now = core.clock.now();
  const { ownRow } = viewContext(core, tx);
  if (arrived.sender === ownRow) return;
  const known = body.messageIds.filter((id) => messageRow(tx, record.id, id)?.sender === ownRow);
  for (const id of known) {
    tx.run(
      `INSERT INTO receipts (conversation, message_id, identity, delivered_at, read_at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (conversation, message_id, identity) DO UPDATE SET read_at = coalesce(read_at, excluded.read_at)`,
      record.id,
      id,
      arrived.sender,
      now,
      body.state === "read" ? now : undefined,
    );
  }
  if (known.length === 0) return;
  const conversationId = toHex(record.groupId);
  const messageIds = known.map(toHex);
  afterwards.emit({ type: "messages-changed", conversationId, messageIds });
  afterwards.emit({ type: "conversations-changed" });
  afterwards.emit({
    type: "receipt",
    conversationId,
    messageIds,
    fromId: toHex(identityKeyOf(tx, arrived.sender)),
    fromName: nameOf(tx, arrived.sender),
    state: body.state,
  });
}

/** Somebody whom we may have added to a group does not want to be there. */
function removeDecliner({ core, tx, afterwards }: Writing, arrived: Arrived, groupId: Uint8Array): void {
  const row = tx.get<{ id: number }>(
    `SELECT c.id AS id FROM conversations c JOIN conversation_members m ON m.conversation = c.id
     WHERE c.group_id = ? AND c.kind = 'group' AND c.state = 'active' AND m.identity = ? AND m.invited = 1`,
    groupId,
    arrived.sender,
  );
  if (row === undefined) return;
  addIntent(tx, row.id, { type: "remove", identityKeys: [identityKeyOf(tx, arrived.sender)] });
  afterwards.run(() => {
    core.wakeConversation(row.id);
  });
}
