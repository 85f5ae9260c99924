import { conversationState, toHex } from "@stonechat/protocol";
import type {
  AttachmentView,
  ConversationView,
  DeliveryState,
  MemberView,
  MessagePreview,
  MessageView,
  ReactionView,
  ReadersView,
} from "../client-api.ts";
import type { ConversationRecord } from "../conversations/conversation-record.ts";
import { successionRow } from "../conversations/succession.ts";
import type { Account } from "../identity/account.ts";
import { identityRow, nameOf } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import { attachmentRows, decodeAttachment, messageRow, type AttachmentRow, type MessageRow } from "./message-rows.ts";
import { decodeNotice } from "./notices.ts";

/** What a view needs to know besides the rows. */
export interface ViewContext {
  readonly account: Account;
  readonly ownRow: number;
  readonly now: number;
  /** The same moment in counted time; see [Note: The time that timers go by]. */
  readonly counted: number;
  /** Progress of running transfers, by hex of blob id. */
  readonly transfer: (
    blobId: string,
  ) =>
    | { readonly state: "uploading" | "downloading" | "paused"; readonly done: number; readonly total: number }
    | undefined;
}

const EDIT_WINDOW_MS = 24 * 3_600_000;
/** What nobody fetched by then, the relay has erased. */
const RETENTION_MS = 30 * 24 * 3_600_000;

export function toMessageView(
  tx: Transaction,
  context: ViewContext,
  record: ConversationRecord,
  row: MessageRow,
): MessageView {
  const fromSelf = row.sender === context.ownRow;
  const attachments = attachmentRows(tx, row.id).map((attachment) => toAttachmentView(context, attachment));
  const open = record.state === "active" && row.type === "message";
  const moderator = record.kind === "group" && isAdmin(record, context.account);
  const answered = row.reply_to === undefined ? undefined : messageRow(tx, record.id, row.reply_to);
  return {
    id: toHex(row.message_id),
    conversationId: toHex(record.groupId),
    fromId: row.sender === undefined ? "" : identityId(tx, row.sender),
    fromName: row.sender === undefined ? "" : nameOf(tx, row.sender),
    fromSelf,
    sentAt: row.sent_at,
    receivedAt: row.received_at,
    order: row.ord,
    body: toBody(row),
    attachments,
    ...(row.reply_to === undefined ? {} : { replyTo: toQuote(tx, context, row.reply_to, answered) }),
    reactions: toReactions(tx, context, record.id, row.message_id),
    ...(row.edited_at === undefined ? {} : { editedAt: row.edited_at }),
    ...toTimerView(context, row),
    state: deliveryState(tx, context, record, row),
    canEdit: open && fromSelf && context.now - row.sent_at < EDIT_WINDOW_MS,
    canDeleteForEveryone: open && (fromSelf || moderator),
  };
}

/** What waits to be sent has a time to be given up at; its countdown has not begun. */
function toTimerView(
  context: ViewContext,
  row: MessageRow,
): Pick<MessageView, "timerSeconds" | "expiresAt" | "viewOnce"> {
  const { expires_at: end } = row;
  const counting = row.state === "sent" || row.state === "received";
  return {
    ...(row.timer_seconds === 0 ? {} : { timerSeconds: row.timer_seconds }),
    ...(counting && end !== undefined ? { expiresAt: context.now + end - context.counted } : {}),
    ...(row.view_once === undefined ? {} : { viewOnce: row.view_once }),
  };
}

export function isAdmin(record: ConversationRecord, account: Account): boolean {
  const own = toHex(account.identityKey);
  return record.settings.admins.some((key) => toHex(key) === own);
}

function toBody(row: MessageRow): MessageView["body"] {
  switch (row.type) {
    case "message":
      return { type: "text", text: row.text };
    case "deleted":
      return { type: "deleted", byModerator: row.data?.[0] === 1 };
    case "notice":
      return { type: "notice", notice: decodeNotice(row.data ?? new Uint8Array(0)) };
    default:
      return { type: "unsupported" };
  }
}

function toQuote(
  tx: Transaction,
  context: ViewContext,
  id: Uint8Array,
  row: MessageRow | undefined,
): NonNullable<MessageView["replyTo"]> {
  if (row === undefined) return { id: toHex(id), fromSelf: false, fromName: "", preview: { type: "deleted" } };
  return {
    id: toHex(id),
    fromSelf: row.sender === context.ownRow,
    fromName: row.sender === undefined ? "" : nameOf(tx, row.sender),
    preview: toPreview(tx, context, row),
  };
}

export function toPreview(tx: Transaction, context: ViewContext, row: MessageRow): MessagePreview {
  const body = toBody(row);
  switch (body.type) {
    case "notice":
      return body;
    case "deleted":
      return { type: "deleted" };
    case "unsupported":
      return { type: "unsupported" };
    case "text": {
      if (row.view_once !== undefined) return { type: "view-once", opened: row.view_once === "opened" };
      const attachments = attachmentRows(tx, row.id);
      const first = attachments[0];
      if (first === undefined) return { type: "text", text: row.text };
      const { name, kind } = toAttachmentView(context, first);
      return { type: "attachment", name, kind, count: attachments.length, text: row.text };
    }
  }
}

export function toAttachmentView(context: Pick<ViewContext, "transfer">, row: AttachmentRow): AttachmentView {
  const { name, mediaType, kind, width, height, thumbnail, blob } = decodeAttachment(row);
  const id = toHex(row.blob_id);
  return {
    id,
    name,
    mediaType,
    kind,
    size: blob.size,
    ...(width > 0 && height > 0 ? { width, height } : {}),
    ...(thumbnail.length > 0 ? { thumbnail } : {}),
    transfer: transferOf(row, context.transfer(id), blob.storedSize),
  };
}

function transferOf(
  row: AttachmentRow,
  running: ReturnType<ViewContext["transfer"]>,
  total: number,
): AttachmentView["transfer"] {
  if (running !== undefined) return running;
  switch (row.state) {
    case "local":
      return { state: "local" };
    case "staged":
      return { state: "uploading", done: 0, total };
    case "failed":
      return { state: "failed", reason: toReason(row.reason) };
    default:
      return { state: "remote" };
  }
}

function toReason(reason: string | undefined): "gone" | "damaged" | "too-large" | "cancelled" {
  return reason === "gone" || reason === "damaged" || reason === "too-large" ? reason : "cancelled";
}

function toReactions(
  tx: Transaction,
  context: ViewContext,
  conversation: number,
  messageId: Uint8Array,
): readonly ReactionView[] {
  const rows = tx.all<{ emoji: string; identity: number }>(
    "SELECT emoji, identity FROM reactions WHERE conversation = ? AND message_id = ? ORDER BY emoji, identity",
    conversation,
    messageId,
  );
  const byEmoji = new Map<string, number[]>();
  for (const { emoji, identity } of rows) byEmoji.set(emoji, [...(byEmoji.get(emoji) ?? []), identity]);
  return [...byEmoji].map(([emoji, identities]) => ({
    emoji,
    fromIds: identities.map((identity) => identityId(tx, identity)),
    fromNames: identities.map((identity) => nameOf(tx, identity)),
    self: identities.includes(context.ownRow),
  }));
}

/** Own messages: how far they came, judged by the receipts of all other members of their epoch. */
function deliveryState(
  tx: Transaction,
  context: ViewContext,
  record: ConversationRecord,
  row: MessageRow,
): DeliveryState {
  if (row.sender !== context.ownRow) return "received";
  if (row.state !== "sent") return row.state === "failed" ? "failed" : "waiting";
  if (record.kind === "own") return "read";
  const others = record.kind === "direct" ? 1 : (rosterOf(tx, row)?.members.length ?? 1);
  const expected = record.kind === "direct" ? 1 : others - 1;
  const counts = tx.get<{ delivered: number; seen: number }>(
    "SELECT count(*) AS delivered, count(read_at) AS seen FROM receipts WHERE conversation = ? AND message_id = ?",
    record.id,
    row.message_id,
  );
  if (expected > 0 && (counts?.seen ?? 0) >= expected) return "read";
  if (expected > 0 && (counts?.delivered ?? 0) >= expected) return "delivered";
  const unseen = (counts?.delivered ?? 0) === 0 && context.now - row.sent_at > RETENTION_MS;
  return unseen ? "expired" : "sent";
}

function rosterOf(tx: Transaction, row: MessageRow): ReturnType<typeof conversationState.decode> | undefined {
  if (row.roster === undefined) return undefined;
  const roster = tx.get<{ roster: Uint8Array }>("SELECT roster FROM rosters WHERE id = ?", row.roster);
  return roster === undefined ? undefined : conversationState.decode(roster.roster);
}

/** Who could read a message: the members of its epoch. */
export function toReadersView(
  tx: Transaction,
  context: ViewContext,
  record: ConversationRecord,
  row: MessageRow,
): ReadersView {
  const readers = (rosterOf(tx, row)?.members ?? []).map(({ identityKey, deviceCount }) => {
    const identity = identityRow(tx, identityKey);
    const receipt = tx.get<{ delivered_at: number | undefined; read_at: number | undefined }>(
      "SELECT delivered_at, read_at FROM receipts WHERE conversation = ? AND message_id = ? AND identity = ?",
      record.id,
      row.message_id,
      identity,
    );
    return {
      id: toHex(identityKey),
      name: nameOf(tx, identity),
      deviceCount,
      self: identity === context.ownRow,
      ...(receipt?.delivered_at === undefined ? {} : { deliveredAt: receipt.delivered_at }),
      ...(receipt?.read_at === undefined ? {} : { readAt: receipt.read_at }),
    };
  });
  return { messageId: toHex(row.message_id), readers };
}

export function identityId(tx: Transaction, row: number): string {
  return toHex(tx.get<{ key: Uint8Array }>("SELECT key FROM identities WHERE id = ?", row)?.key ?? new Uint8Array(0));
}

/** The other account of a conversation of two. */
export function otherMember(tx: Transaction, record: ConversationRecord, ownRow: number): number | undefined {
  return (
    tx.get<{ identity: number }>("SELECT identity FROM contacts WHERE conversation = ?", record.id)?.identity ??
    tx.get<{ identity: number }>(
      "SELECT identity FROM conversation_members WHERE conversation = ? AND identity <> ?",
      record.id,
      ownRow,
    )?.identity
  );
}

export function toConversationView(
  tx: Transaction,
  context: ViewContext,
  record: ConversationRecord,
): ConversationView {
  const other = record.kind === "direct" ? otherMember(tx, record, context.ownRow) : undefined;
  const contact =
    other === undefined
      ? undefined
      : tx.get<{ verified: number; blocked: number }>(
          "SELECT verified, blocked FROM contacts WHERE identity = ?",
          other,
        );
  const last = tx.get<MessageRow>(
    "SELECT * FROM live_messages WHERE conversation = ? ORDER BY ord DESC LIMIT 1",
    record.id,
  );
  const unread = tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM live_messages WHERE conversation = ? AND ord > ? AND ord < 4503599627370496 AND sender <> ? AND type <> 'notice' AND type <> 'deleted'",
    record.id,
    record.readOrd,
    context.ownRow,
  );
  const members = tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM conversation_members WHERE conversation = ?",
    record.id,
  );
  return {
    id: toHex(record.groupId),
    kind: record.kind,
    name: conversationName(tx, record, other),
    memberCount: members?.count ?? 0,
    unread: unread?.count ?? 0,
    ...(last === undefined
      ? {}
      : {
          lastMessage: {
            id: toHex(last.message_id),
            preview: toPreview(tx, context, last),
            fromSelf: last.sender === context.ownRow,
            fromName: last.sender === undefined ? "" : nameOf(tx, last.sender),
            sentAt: last.sent_at,
            state: deliveryState(tx, context, record, last),
          },
        }),
    lastActivityAt: record.activityAt,
    draft: record.draft,
    timerSeconds: record.settings.timerSeconds,
    ...(other === undefined ? {} : { contactId: identityId(tx, other) }),
    verified: contact?.verified === 1,
    ...toContinuation(tx, context, record),
    state: record.state === "active" && contact?.blocked === 1 ? "blocked" : record.state,
    ownRole: record.kind !== "group" || isAdmin(record, context.account) ? "admin" : "member",
  };
}

function toContinuation(
  tx: Transaction,
  { account }: ViewContext,
  record: ConversationRecord,
): Pick<ConversationView, "continuation"> {
  const row = record.state === "broken" ? successionRow(tx, record.id) : undefined;
  if (row === undefined) return {};
  const offenderId = row.offender === undefined ? undefined : identityId(tx, row.offender);
  const own = toHex(account.identityKey);
  const others = tx
    .all<{ key: Uint8Array }>(
      "SELECT i.key AS key FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ?",
      record.id,
    )
    .filter(({ key }) => toHex(key) !== own && toHex(key) !== offenderId);
  const admins = record.settings.admins.map(toHex).filter((id) => id !== offenderId);
  const by = others.length === 0 || admins.length === 0 ? "nobody" : admins.includes(own) ? "self" : "admin";
  if (row.offender === undefined || offenderId === undefined) return { continuation: { by } };
  return { continuation: { by, offenderId, offenderName: nameOf(tx, row.offender) } };
}

export function conversationName(tx: Transaction, record: ConversationRecord, other?: number): string {
  if (record.kind !== "direct") return record.settings.name;
  return other === undefined ? "" : nameOf(tx, other);
}

export function toMemberViews(
  tx: Transaction,
  context: ViewContext,
  record: ConversationRecord,
): readonly MemberView[] {
  const admins = new Set(record.settings.admins.map(toHex));
  const rows = tx.all<{
    identity: number;
    device_count: number;
    invited: number;
    key: Uint8Array;
    contact: number | undefined;
    verified: number | undefined;
  }>(
    `SELECT m.identity AS identity, m.device_count AS device_count, m.invited AS invited, i.key AS key, c.identity AS contact, c.verified AS verified
     FROM conversation_members m JOIN identities i ON i.id = m.identity LEFT JOIN contacts c ON c.identity = m.identity WHERE m.conversation = ?`,
    record.id,
  );
  return rows
    .map((row) => ({
      id: toHex(row.key),
      name: nameOf(tx, row.identity),
      self: row.identity === context.ownRow,
      role: record.kind !== "group" || admins.has(toHex(row.key)) ? ("admin" as const) : ("member" as const),
      deviceCount: row.device_count,
      contact: row.contact !== undefined,
      verified: row.verified === 1,
      invited: row.invited === 1,
    }))
    .sort((a, b) => Number(b.self) - Number(a.self) || a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
}
