import { MAX_MEMBERS, toHex, type IdentityKey } from "@stonechat/protocol";
import { ClientError, MAX_TIMER_SECONDS, type ConversationView, type MemberView, type Role } from "../client-api.ts";
import { contactRow } from "../contacts/contact-rows.ts";
import { found, write } from "../context.ts";
import type { Core } from "../core.ts";
import { allConversations, type ConversationRecord } from "../conversations/conversation-record.ts";
import { createConversation } from "../conversations/create.ts";
import { conversationOfGroup, stuckGroup, successionRow } from "../conversations/succession.ts";
import { makeSuccessor } from "../conversations/successor.ts";
import { removeMessage, type MessageRow } from "../content/message-rows.ts";
import { viewContext } from "../content/view-context.ts";
import { isAdmin, toConversationView, toMemberViews } from "../content/views.ts";
import { enqueue } from "../sync/outbox.ts";
import { addIntent, MAX_ADDED_AT_ONCE, type Intent } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";
import { toName } from "./account.ts";
import { parseId } from "./contacts.ts";

/** @throws ClientError `not-found` */
export function recordOf(tx: Transaction, id: string): ConversationRecord {
  return found(conversationOfGroup(tx, parseId(id)));
}

/** @throws ClientError `conversation-closed` */
export function openRecord(tx: Transaction, id: string): ConversationRecord {
  const record = recordOf(tx, id);
  if (record.state !== "active") throw new ClientError("conversation-closed");
  return record;
}

export function listConversations(core: Core): Promise<readonly ConversationView[]> {
  return core.db.transaction((tx) => {
    const context = viewContext(core, tx);
    return allConversations(tx).map((record) => toConversationView(tx, context, record));
  });
}

export function getConversation(core: Core, id: string): Promise<ConversationView> {
  return core.db.transaction((tx) => toConversationView(tx, viewContext(core, tx), recordOf(tx, id)));
}

export function listMembers(core: Core, id: string): Promise<readonly MemberView[]> {
  return core.db.transaction((tx) => toMemberViews(tx, viewContext(core, tx), recordOf(tx, id)));
}

export function createGroup(
  core: Core,
  input: { readonly name: string; readonly contactIds: readonly string[] },
): Promise<ConversationView> {
  const name = toName(input.name);
  return write(core, async (tx, afterwards) => {
    const additions = toAdditions(tx, input.contactIds);
    const record = await createConversation(core, tx, afterwards, {
      settings: { kind: "group", name, admins: [core.account().identityKey], whoMayAdd: "admins", timerSeconds: 0 },
    });
    for (const addition of additions) addIntent(tx, record.id, addition);
    return toConversationView(tx, viewContext(core, tx), record);
  });
}

function toAdditions(tx: Transaction, contactIds: readonly string[]): readonly Intent[] {
  const ids = [...new Set(contactIds)];
  if (ids.length >= MAX_MEMBERS) throw new ClientError("too-many-members");
  const accounts = ids.map((id) => {
    const contact = found(contactRow(tx, parseId(id)));
    if (contact.blocked === 1) throw new ClientError("blocked");
    // A contact's id is its identity key.
    return { identityKey: parseId(id) as IdentityKey, keyPackages: [], via: { type: "direct" } } as const;
  });
  const additions: Intent[] = [];
  for (let at = 0; at < accounts.length; at += MAX_ADDED_AT_ONCE)
    additions.push({ type: "add", accounts: accounts.slice(at, at + MAX_ADDED_AT_ONCE) });
  return additions;
}

/** Notes a wish that needs a commit. @throws ClientError `not-allowed` unless `allowed`. */
async function wish(
  core: Core,
  id: string,
  allowed: (record: ConversationRecord) => boolean,
  toIntents: (record: ConversationRecord, tx: Transaction) => readonly Intent[],
): Promise<void> {
  await write(core, (tx, afterwards) => {
    const record = openRecord(tx, id);
    if (!allowed(record)) throw new ClientError("not-allowed");
    for (const intent of toIntents(record, tx)) addIntent(tx, record.id, intent);
    afterwards.run(() => {
      core.wakeConversation(record.id);
    });
  });
}

function byAdmin(core: Core): (record: ConversationRecord) => boolean {
  return (record) => record.kind === "group" && isAdmin(record, core.account());
}

export function addMembers(core: Core, id: string, contactIds: readonly string[]): Promise<void> {
  return wish(
    core,
    id,
    (record) => record.kind === "group" && (record.settings.whoMayAdd === "members" || isAdmin(record, core.account())),
    (_, tx) => toAdditions(tx, contactIds),
  );
}

export function removeMember(core: Core, id: string, memberId: string): Promise<void> {
  if (memberId === toHex(core.account().identityKey)) throw new ClientError("not-allowed");
  return wish(core, id, byAdmin(core), (record, tx) => [
    { type: "remove", identityKeys: [memberKey(tx, record, memberId)] },
  ]);
}

export function setRole(core: Core, id: string, memberId: string, role: Role): Promise<void> {
  return wish(core, id, byAdmin(core), (record, tx) => {
    const key = memberKey(tx, record, memberId);
    const last = record.settings.admins.length === 1 && role === "member";
    if (last && toHex(record.settings.admins[0] ?? key) === memberId) throw new ClientError("not-allowed");
    return [{ type: "role", identityKey: key, role }];
  });
}

export function renameGroup(core: Core, id: string, name: string): Promise<void> {
  const wanted = toName(name);
  return wish(core, id, byAdmin(core), () => [{ type: "rename", name: wanted }]);
}

/** In a conversation of two either may, and whoever wants messages gone sooner need not ask. */
export async function setTimer(core: Core, id: string, seconds: number): Promise<void> {
  if (!Number.isSafeInteger(seconds) || seconds < 0 || seconds > MAX_TIMER_SECONDS) throw new ClientError("bad-value");
  await wish(
    core,
    id,
    (record) => record.kind !== "group" || isAdmin(record, core.account()),
    () => [{ type: "timer", seconds }],
  );
}

/** @throws ClientError `not-a-member` */
function memberKey(tx: Transaction, record: ConversationRecord, memberId: string): IdentityKey {
  const row = tx.get<{ key: Uint8Array }>(
    "SELECT i.key AS key FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? AND i.key = ?",
    record.id,
    parseId(memberId),
  );
  if (row === undefined) throw new ClientError("not-a-member");
  return row.key as IdentityKey;
}

/**
 * Asks to be removed; another member's device does it. The last admin names another first. Alone, there is nobody to ask:
 * the group just ends.
 */
export function leaveGroup(core: Core, id: string): Promise<void> {
  return write(core, (tx, afterwards) => {
    const record = openRecord(tx, id);
    if (record.kind !== "group") throw new ClientError("not-allowed");
    const own = toHex(core.account().identityKey);
    const others = tx
      .all<{ key: Uint8Array; invited: number }>(
        "SELECT i.key AS key, m.invited AS invited FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? ORDER BY m.invited, i.key",
        record.id,
      )
      .filter(({ key }) => toHex(key) !== own);
    const heir = others[0];
    if (heir === undefined) tx.run("UPDATE conversations SET state = 'left' WHERE id = ?", record.id);
    else {
      if (record.settings.admins.every((key) => toHex(key) === own))
        addIntent(tx, record.id, { type: "role", identityKey: heir.key as IdentityKey, role: "admin" });
      enqueue(tx, core.random, record.id, { sentAt: core.clock.now(), body: { type: "leave" } });
      tx.run(
        "UPDATE conversation_members SET leaving = 1 WHERE conversation = ? AND identity = (SELECT id FROM identities WHERE key = ?)",
        record.id,
        core.account().identityKey,
      );
    }
    afterwards.emit({ type: "conversations-changed" });
    afterwards.run(() => {
      core.wakeConversation(record.id);
    });
  });
}

/**
 * Makes a successor of a group that cannot go on, in its place. Members are led there, or asked.
 *
 * @param without - Hex of the identity key of a member who is left out.
 * @throws ClientError `not-allowed` unless the group is stuck, we are its admin and somebody else is left.
 */
export async function continueGroup(core: Core, id: string, without: string | undefined): Promise<ConversationView> {
  const { id: row } = await core.db.transaction((tx) => recordOf(tx, id));
  return core.inConversation(row, () =>
    write(core, async (tx, afterwards) => {
      const record = recordOf(tx, id);
      const stuck = successionRow(tx, record.id);
      if (stuck === undefined || without === toHex(core.account().identityKey)) throw new ClientError("not-allowed");
      const leftOut = without === undefined ? undefined : memberKey(tx, record, without);
      const continuation = await stuckGroup(core, tx, stuck, leftOut);
      const made = continuation === undefined ? undefined : await makeSuccessor({ core, tx, afterwards }, continuation);
      if (made === undefined) throw new ClientError("not-allowed");
      return toConversationView(tx, viewContext(core, tx), made);
    }),
  );
}

/** Removes the messages of a conversation from this device, and the conversation too if it has ended. */
export async function clearConversation(core: Core, id: string): Promise<void> {
  await write(core, (tx, afterwards) => {
    const record = recordOf(tx, id);
    const rows = tx.all<MessageRow>("SELECT * FROM messages WHERE conversation = ? AND state <> 'waiting'", record.id);
    const blobs = rows.flatMap((row) => [...removeMessage(tx, row)]);
    const contact = tx.get("SELECT 1 AS one FROM contacts WHERE conversation = ?", record.id);
    if (record.state !== "active" && contact === undefined) {
      const unsent = tx.all<MessageRow>("SELECT * FROM messages WHERE conversation = ?", record.id);
      blobs.push(...unsent.flatMap((row) => [...removeMessage(tx, row)]));
      tx.run("DELETE FROM conversations WHERE id = ?", record.id);
      afterwards.run(() => {
        core.forgetConversation(record.id);
      });
    }
    afterwards.run(() => {
      core.dropLocalBlobs(blobs);
    });
    afterwards.emit({ type: "conversations-changed" });
    afterwards.emit({ type: "messages-changed", conversationId: id, messageIds: [] });
  });
}

export async function setDraft(core: Core, id: string, text: string): Promise<void> {
  await write(core, (tx, afterwards) => {
    const record = recordOf(tx, id);
    if (record.draft === text) return;
    tx.run("UPDATE conversations SET draft = ? WHERE id = ?", text, record.id);
    afterwards.emit({ type: "conversations-changed" });
  });
}
