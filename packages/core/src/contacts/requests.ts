import {
  groupWelcome,
  joinRequestBody,
  toHex,
  type GroupWelcome,
  type IdentityKey,
  type JoinState,
} from "@stonechat/protocol";
import { found, write, type CoreContext, type Writing } from "../context.ts";
import { tellContinued } from "../conversations/continue.ts";
import { createConversation } from "../conversations/create.ts";
import { fetchJoinState, joinConversation, JoinRefused, toClientError } from "../conversations/join.ts";
import { findContinuation } from "../conversations/succession.ts";
import { ordOf } from "../content/message-rows.ts";
import { insertNotice } from "../content/notices.ts";
import { identityKeyOf, nameOf } from "../identity/identity-store.ts";
import { enqueue } from "../sync/outbox.ts";
import { addIntent } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";
import { contactRow, insertContact, toContactView } from "./contact-rows.ts";
import { introduce } from "../recovery/return-address.ts";
import { forgetExpectedGroup } from "../recovery/returning.ts";
import type { RequestRow } from "./request-rows.ts";

async function load(core: CoreContext, id: string): Promise<RequestRow> {
  return found(
    await core.db.transaction((tx) => tx.get<RequestRow>("SELECT * FROM requests WHERE id = ?", Number(id) || 0)),
  );
}

/** Says yes: makes the conversation with whoever used the invite, or joins the group. @returns Hex of the group id. */
export async function acceptRequest(core: CoreContext, id: string, consent: Consent = "given"): Promise<string> {
  const row = await load(core, id);
  return row.type === "group" ? acceptGroup(core, row, consent) : acceptContact(core, row);
}

/** `not-needed`: nobody was asked, since this device follows what it was in. */
type Consent = "given" | "not-needed";

function acceptContact(core: CoreContext, row: RequestRow): Promise<string> {
  const request = joinRequestBody.decode(row.data);
  return write(core, async (tx, afterwards) => {
    const account = core.account();
    const now = core.clock.now();
    // Said twice, it counts once.
    found(tx.run("DELETE FROM requests WHERE id = ?", row.id) === 1 ? row : undefined);
    const record = await createConversation(core, tx, afterwards, {
      settings: { kind: "direct", name: "", admins: [], whoMayAdd: "admins", timerSeconds: 0 },
    });
    insertContact(tx, row.identity, record.id, now);
    insertNotice(tx, core.random, record.id, -1, now, { type: "connected", names: [nameOf(tx, row.identity)] });
    addIntent(tx, record.id, {
      type: "add",
      accounts: [
        {
          identityKey: request.identityKey,
          keyPackages: request.keyPackages,
          via: {
            type: "reply",
            relayUrl: account.relayUrl,
            logId: request.replyLog,
            appendToken: request.replyAppendToken,
            kemKey: request.replyKemKey,
          },
        },
      ],
    });
    // Sent in this order after the commit that adds them: a message goes only where an intent does not wait before it.
    introduce(core, tx, record.id, request.identityKey);
    const contact = contactRow(tx, request.identityKey);
    if (contact !== undefined) afterwards.emit({ type: "contact", contact: toContactView(tx, account, contact) });
    for (const type of ["contacts-changed", "requests-changed"] as const) afterwards.emit({ type });
    return toHex(record.groupId);
  });
}

async function acceptGroup(core: CoreContext, row: RequestRow, consent: Consent): Promise<string> {
  const welcome = groupWelcome.decode(row.data);
  const adder: IdentityKey = await core.db.transaction((tx) => identityKeyOf(tx, row.identity));
  try {
    const state = await fetchJoinState(core, welcome);
    const continues = await core.db.transaction((tx) => findContinuation(core, tx, adder, welcome.groupId));
    const join = (): Promise<string> =>
      write(core, (tx, afterwards) => joinGroup({ core, tx, afterwards }, row, { welcome, adder, state, consent }));
    return continues === undefined ? await join() : await core.inConversation(continues.record.id, join);
  } catch (error) {
    throw toClientError(error);
  }
}

async function joinGroup(
  writing: Writing,
  row: RequestRow,
  {
    welcome,
    adder,
    state,
    consent,
  }: {
    readonly welcome: GroupWelcome;
    readonly adder: IdentityKey;
    readonly state: JoinState;
    readonly consent: Consent;
  },
): Promise<string> {
  const { core, tx, afterwards } = writing;
  const now = core.clock.now();
  const continues = await findContinuation(core, tx, adder, welcome.groupId);
  const asked = consent === "given";
  if (!asked && continues !== undefined && !continues.automatic) throw new JoinRefused();
  const record = await joinConversation(core, tx, welcome, state, {
    kind: "group",
    adder,
    ...(continues === undefined ? {} : { continues: { continuation: continues, asked, writing } }),
  });
  forgetRequestsUpTo(tx, welcome);
  forgetExpectedGroup(tx, welcome.groupId);
  enqueue(tx, core.random, record.id, { sentAt: now, body: { type: "profile", name: core.account().name } });
  afterwards.emit({ type: "requests-changed" });
  if (continues !== undefined) {
    tellContinued(writing, continues.record, record, adder, continues.leftOut);
    return toHex(record.groupId);
  }
  insertNotice(tx, core.random, record.id, ordOf(welcome.firstSeq) - 2, now, {
    type: "member-added",
    byName: nameOf(tx, row.identity),
    names: [core.account().name],
  });
  afterwards.emit({ type: "conversations-changed" });
  afterwards.emit({
    type: "member-added",
    conversationId: toHex(welcome.groupId),
    conversationName: state.settings.name,
    byId: toHex(adder),
    byName: nameOf(tx, row.identity),
    memberIds: [toHex(core.account().identityKey)],
    memberNames: [core.account().name],
  });
  afterwards.run(() => {
    core.forgetConversation(record.id);
    core.wakeConversation(record.id);
  });
  return toHex(record.groupId);
}

/**
 * The user has joined by one of perhaps several Welcomes to a group. A later one says that this membership has ended
 * meanwhile, and that another has begun: it waits until the removal was read.
 */
function forgetRequestsUpTo(tx: Transaction, { groupId, firstSeq }: GroupWelcome): void {
  for (const { id, data } of tx.all<{ id: number; data: Uint8Array }>(
    "SELECT id, data FROM requests WHERE type = 'group' AND group_id = ?",
    groupId,
  ))
    if (groupWelcome.decode(data).firstSeq <= firstSeq) tx.run("DELETE FROM requests WHERE id = ?", id);
}

/** Says no. A stranger hears nothing; a contact's group learns that we do not come. */
export async function declineRequest(core: CoreContext, id: string): Promise<void> {
  if (id.startsWith("sent-")) {
    await write(core, (tx, afterwards) => {
      tx.run("DELETE FROM join_attempts WHERE id = ?", Number(id.slice("sent-".length)) || 0);
      afterwards.emit({ type: "requests-changed" });
    });
    return;
  }
  const row = await load(core, id);
  await write(core, (tx, afterwards) => {
    tx.run("DELETE FROM requests WHERE id = ?", row.id);
    afterwards.emit({ type: "requests-changed" });
    const contact = tx.get<{ conversation: number }>(
      "SELECT conversation FROM contacts WHERE identity = ?",
      row.identity,
    );
    if (row.type !== "group" || contact === undefined || row.group_id === undefined) return;
    enqueue(tx, core.random, contact.conversation, {
      sentAt: core.clock.now(),
      body: { type: "decline", groupId: row.group_id },
    });
    afterwards.run(() => {
      core.wakeConversation(contact.conversation);
    });
  });
}
