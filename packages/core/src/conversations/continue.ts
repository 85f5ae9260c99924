import {
  toHex,
  type ContentBody,
  type GroupId,
  type IdentityKey,
  type LogId,
  type MessageId,
} from "@stonechat/protocol";
import type { Writing } from "../context.ts";
import {
  attachmentRows,
  decodeAttachment,
  lastOrd,
  ORDS_PER_ENTRY,
  PENDING_ORD,
  type MessageRow,
} from "../content/message-rows.ts";
import { insertNotice } from "../content/notices.ts";
import { identityRow, nameOf } from "../identity/identity-store.ts";
import { enqueue, forgetCiphertexts } from "../sync/outbox.ts";
import { addIntent, allIntents, type Intent } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";
import type { ConversationRecord } from "./conversation-record.ts";
import { noteContinued, type Continuation } from "./succession.ts";

/** Where a successor is to be read and written. */
export interface SuccessorPlace {
  readonly groupId: GroupId;
  readonly relayUrl: string;
  readonly logId: LogId;
  readonly logMade: boolean;
  readonly nextSeq: number;
}

/**
 * The conversation's row now stands for the successor: what was said stays before everything that will come, in the same
 * places on all devices that were stuck by the same entry, and what waited is sent there. The old group's keys are gone.
 * `enterEpoch` must follow in the same transaction, then {@link resumeIntents} with what this returns.
 */
export function moveToSuccessor(
  { core, tx }: Writing,
  continuation: Continuation,
  place: SuccessorPlace,
): readonly Intent[] {
  const { record } = continuation;
  const intents = allIntents(tx, record.id).map(({ intent }) => intent);
  keepStranded(tx, continuation, intents);
  if (record.state === "active") sendAgain({ core, tx }, record);
  for (const table of ["intents", "staged_commits", "welcomes_due", "ratchets", "groups", "tail"])
    tx.run(`DELETE FROM ${table} WHERE conversation = ?`, record.id);
  forgetCiphertexts(tx, core.random, record.id);
  tx.run("UPDATE conversation_members SET leaving = 0, invited = 0 WHERE conversation = ?", record.id);
  tx.run(
    `UPDATE conversations SET group_id = ?, relay_url = ?, log_id = ?, log_made = ?, state = 'active', next_seq = ?,
       group_version = -1, compare_since = 0, reread_until = 0, place_shift = ? WHERE id = ?`,
    place.groupId,
    place.relayUrl,
    place.logId,
    place.logMade ? 1 : 0,
    place.nextSeq,
    shiftBehind(tx, record),
    record.id,
  );
  noteContinued(core, tx, continuation);
  return intents;
}

/** Entries of the successor's log stand behind everything that the old log gave. */
function shiftBehind(tx: Transaction, record: ConversationRecord): number {
  const agreed = record.placeShift + record.nextSeq + 1;
  return Math.max(agreed, Math.floor(lastOrd(tx, record.id) / ORDS_PER_ENTRY) + 2);
}

/** Who was about to be added anew to the old group is added to the successor. */
function keepStranded(tx: Transaction, { record, succession }: Continuation, intents: readonly Intent[]): void {
  const members = new Set(succession.members.map(toHex));
  for (const intent of intents)
    if (intent.type === "add" || intent.type === "add-again")
      for (const { identityKey } of intent.accounts)
        if (members.has(toHex(identityKey))) noteStranded(tx, predecessorOf(tx, record), identityKey);
}

function predecessorOf(tx: Transaction, record: ConversationRecord): Uint8Array {
  const row = tx.get<{ predecessor: Uint8Array }>(
    "SELECT predecessor FROM successions WHERE conversation = ?",
    record.id,
  );
  return row?.predecessor ?? record.groupId;
}

/** A member of a group that ended asks to come along. */
export function noteStranded(tx: Transaction, predecessor: Uint8Array, key: IdentityKey): void {
  tx.run(
    "INSERT INTO stranded (group_id, identity) VALUES (?, ?) ON CONFLICT DO NOTHING",
    predecessor,
    identityRow(tx, key),
  );
}

/** What was wished for in the old group and is not done by continuing it. */
export function resumeIntents(
  tx: Transaction,
  { record, succession, leftOut }: Continuation,
  intents: readonly Intent[],
): void {
  const gone = new Set([...succession.members, ...(leftOut === undefined ? [] : [leftOut])].map(toHex));
  // Whoever was to be removed and added anew, since he could not follow the old group, is in the new one already.
  const added = new Set(
    intents.flatMap((intent) =>
      intent.type === "add" || intent.type === "add-again" ? intent.accounts.map((one) => toHex(one.identityKey)) : [],
    ),
  );
  for (const intent of intents) {
    switch (intent.type) {
      case "renew":
      case "add-again":
        break;
      case "add": {
        const accounts = intent.accounts.filter(({ identityKey }) => !gone.has(toHex(identityKey)));
        if (accounts.length > 0) addIntent(tx, record.id, { type: "add", accounts });
        break;
      }
      case "remove": {
        const identityKeys = intent.identityKeys.filter((key) => !added.has(toHex(key)));
        if (identityKeys.length > 0) addIntent(tx, record.id, { type: "remove", identityKeys });
        break;
      }
      case "rename":
      case "role":
      case "timer":
        addIntent(tx, record.id, intent);
    }
  }
}

/** What this device said in a successor that another takes the place of may not have reached all: it is said again there. */
function sendAgain({ core, tx }: Pick<Writing, "core" | "tx">, record: ConversationRecord): void {
  const rows = tx.all<MessageRow>(
    `SELECT * FROM live_messages WHERE conversation = ? AND sender = ? AND type = 'message' AND state = 'sent' AND ord >= ? AND ord < ? ORDER BY ord`,
    record.id,
    identityRow(tx, core.account().identityKey),
    record.placeShift * ORDS_PER_ENTRY,
    PENDING_ORD,
  );
  for (const row of rows) {
    const attachments = attachmentRows(tx, row.id).map(decodeAttachment);
    // What was to be seen once is closed here by now.
    if (row.view_once !== undefined) continue;
    const body: ContentBody = {
      type: "message",
      text: row.text,
      replyTo: row.reply_to as MessageId | undefined, // stored with the brand it came with
      attachments,
      timerSeconds: row.timer_seconds,
      viewOnce: false,
    };
    const messageId = row.message_id as MessageId;
    enqueue(tx, core.random, record.id, { messageId, sentAt: row.sent_at, body }, { message: row.id });
  }
}

/** The lasting line about it, and what hosts are told. The old runner's state in memory counts no more. */
export function tellContinued(
  { core, tx, afterwards }: Writing,
  before: ConversationRecord,
  after: ConversationRecord,
  by: IdentityKey,
  leftOut: IdentityKey | undefined,
): void {
  insertNotice(tx, core.random, after.id, after.placeShift * ORDS_PER_ENTRY - 1, core.clock.now(), {
    type: "continued",
    byName: nameOf(tx, identityRow(tx, by)),
    names: leftOut === undefined ? [] : [nameOf(tx, identityRow(tx, leftOut))],
  });
  const conversationId = toHex(after.groupId);
  afterwards.emit({ type: "conversation-continued", conversationId, previousId: toHex(before.groupId) });
  afterwards.emit({ type: "conversations-changed" });
  afterwards.emit({ type: "messages-changed", conversationId, messageIds: [] });
  afterwards.run(() => {
    core.forgetConversation(after.id);
    core.wakeConversation(after.id);
  });
}
