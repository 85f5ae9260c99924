import { toHex, type IdentityKey } from "@stonechat/protocol";
import type { Writing } from "../context.ts";
import { identityKeyOf } from "../identity/identity-store.ts";
import { isAdmin } from "../content/views.ts";
import { enqueue } from "../sync/outbox.ts";
import { addIntent, allIntents } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";
import { noteStranded } from "./continue.ts";
import { conversationByGroup, type ConversationRecord } from "./conversation-record.ts";
import { conversationOfGroup, memberOfPredecessor, offenderOf, successionRow } from "./succession.ts";

/**
 * This device cannot follow a group any more: tells the group's admins whom we know, in the conversations of two. One of
 * them removes the old leaf and adds the device anew; nothing of ours is lost meanwhile, and nothing new is read.
 */
export function askToRejoin({ core, tx, afterwards }: Writing, record: ConversationRecord): void {
  if (record.kind !== "group") return;
  const admins = new Set(record.settings.admins.map(toHex));
  // Who made the commit that cannot be followed is not asked to lead back to where it is followed.
  const offender = offenderOf(tx, record.id);
  if (offender !== undefined) admins.delete(toHex(offender));
  const contacts = tx.all<{ conversation: number; key: Uint8Array }>(
    `SELECT c.conversation AS conversation, i.key AS key FROM contacts c JOIN identities i ON i.id = c.identity
     JOIN conversations v ON v.id = c.conversation WHERE v.state = 'active' AND c.blocked = 0`,
  );
  for (const { conversation, key } of contacts) {
    if (!admins.has(toHex(key))) continue;
    enqueue(tx, core.random, conversation, {
      sentAt: core.clock.now(),
      body: { type: "rejoin", groupId: record.groupId },
    });
    afterwards.run(() => {
      core.wakeConversation(conversation);
    });
  }
}

/** A contact's device lost its place in a group that we administer: it is removed and added anew. */
export function readmit(writing: Writing, sender: number, groupId: Uint8Array): void {
  const { core, tx, afterwards } = writing;
  const record = conversationByGroup(tx, groupId);
  if (record?.state !== "active") {
    takeAlong(writing, sender, groupId);
    return;
  }
  if (record.kind !== "group" || !isAdmin(record, core.account())) return;
  if (!isMember(tx, record, sender)) return;
  const key: IdentityKey = identityKeyOf(tx, sender);
  // Asked again before it was done, or by somebody who asks without end.
  const asked = allIntents(tx, record.id).some(
    ({ intent }) => intent.type === "remove" && intent.identityKeys.some((other) => toHex(other) === toHex(key)),
  );
  if (asked) return;
  addIntent(tx, record.id, { type: "remove", identityKeys: [key] });
  addIntent(tx, record.id, { type: "add", accounts: [{ identityKey: key, keyPackages: [], via: { type: "direct" } }] });
  if (record.settings.admins.some((admin) => toHex(admin) === toHex(key)))
    addIntent(tx, record.id, { type: "role", identityKey: key, role: "admin" });
  afterwards.run(() => {
    core.wakeConversation(record.id);
  });
}

function isMember(tx: Transaction, { id }: ConversationRecord, identity: number): boolean {
  return (
    tx.get("SELECT 1 AS one FROM conversation_members WHERE conversation = ? AND identity = ?", id, identity) !==
    undefined
  );
}

/** Somebody is stuck where we are, or were: he is added to the group in which that one goes on, once we are there. */
function takeAlong(writing: Writing, sender: number, groupId: Uint8Array): void {
  const { tx } = writing;
  const record = conversationOfGroup(tx, groupId);
  if (record?.kind !== "group") return;
  const row = successionRow(tx, record.id);
  if (row === undefined || row.offender === sender || toHex(row.predecessor) !== toHex(groupId)) return;
  const key = identityKeyOf(tx, sender);
  const was = row.data === undefined ? isMember(tx, record, sender) : memberOfPredecessor(tx, record.id, key) !== "no";
  if (!was) return;
  noteStranded(tx, groupId, key);
  addStranded(writing, record);
}

/** Adds those who asked to come along to the successor, if we administer it and nobody else has added them. */
export function addStranded({ core, tx, afterwards }: Writing, record: ConversationRecord): void {
  if (record.state !== "active" || !isAdmin(record, core.account())) return;
  const rows = tx.all<{ identity: number; predecessor: Uint8Array }>(
    `SELECT s.identity AS identity, u.predecessor AS predecessor FROM stranded s JOIN successions u ON u.predecessor = s.group_id
     WHERE u.conversation = ? AND u.data IS NOT NULL`,
    record.id,
  );
  const waiting = new Set(
    allIntents(tx, record.id).flatMap(({ intent }) =>
      intent.type === "add" || intent.type === "add-again" ? intent.accounts.map((one) => toHex(one.identityKey)) : [],
    ),
  );
  for (const { identity, predecessor } of rows) {
    tx.run("DELETE FROM stranded WHERE group_id = ? AND identity = ?", predecessor, identity);
    const identityKey = identityKeyOf(tx, identity);
    if (isMember(tx, record, identity) || waiting.has(toHex(identityKey))) continue;
    const admins = memberOfPredecessor(tx, record.id, identityKey) === "admin" ? [identityKey] : [];
    const account = { identityKey, keyPackages: [], via: { type: "direct" } } as const;
    addIntent(tx, record.id, { type: "add-again", accounts: [account], admins });
    afterwards.run(() => {
      core.wakeConversation(record.id);
    });
  }
}
