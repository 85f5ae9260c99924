import { toHex, type IdentityKey } from "@stonechat/protocol";
import type { Writing } from "../context.ts";
import { identityKeyOf } from "../identity/identity-store.ts";
import { isAdmin } from "../content/views.ts";
import { enqueue } from "../sync/outbox.ts";
import { addIntent, allIntents } from "../sync/staged-commit.ts";
import { conversationByGroup, type ConversationRecord } from "./conversation-record.ts";

/**
 * This device cannot follow a group any more: tells the group's admins whom we know, in the conversations of two. One of
 * them removes the old leaf and adds the device anew; nothing of ours is lost meanwhile, and nothing new is read.
 */
export function askToRejoin({ core, tx, afterwards }: Writing, record: ConversationRecord): void {
  if (record.kind !== "group") return;
  const admins = new Set(record.settings.admins.map(toHex));
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
export function readmit({ core, tx, afterwards }: Writing, sender: number, groupId: Uint8Array): void {
  const record = conversationByGroup(tx, groupId);
  if (record?.kind !== "group" || record.state !== "active" || !isAdmin(record, core.account())) return;
  const member = tx.get(
    "SELECT 1 AS one FROM conversation_members WHERE conversation = ? AND identity = ?",
    record.id,
    sender,
  );
  if (member === undefined) return;
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
