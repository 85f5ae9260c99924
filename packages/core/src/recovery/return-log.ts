import { sha256 } from "@stonechat/crypto";
import {
  struct,
  structure,
  toHex,
  uint53,
  versioned,
  type Entry,
  type IdentityKey,
  type ReturnEntry,
  type TokenHash,
} from "@stonechat/protocol";
import { AttachmentError } from "../attachments/attachment-error.ts";
import { contactRow } from "../contacts/contact-rows.ts";
import { ordOf } from "../content/message-rows.ts";
import { insertNotice } from "../content/notices.ts";
import { write, type CoreContext, type Writing } from "../context.ts";
import { conversationByRow } from "../conversations/conversation-record.ts";
import { fetchJoinState, joinConversation, JoinRefused } from "../conversations/join.ts";
import type { Account } from "../identity/account.ts";
import { DeviceListError } from "../identity/device-lists.ts";
import { identityRow, nameOf, storeLists } from "../identity/identity-store.ts";
import { InboxReader } from "../sync/inbox-reader.ts";
import type { Transaction } from "../vault/database.ts";
import { deriveReturnLog, deriveReturnSecret, identitySeed } from "./kit-secrets.ts";
import { metaValue } from "./meta.ts";
import { isRemoved, markIfUnlisted } from "./removed.ts";
import { introduce } from "./return-address.ts";
import { openReturn } from "./sealed-return.ts";

/** That the log is there, and its first entry that was not taken in. */
const cursor = metaValue("return-log", structure("ReturnLogCursor", 16, versioned(1, struct({ nextSeq: uint53 }))));

/** Makes the account's return log at its relay, unless it is there. @throws RelayUnavailable */
export async function makeReturnLog(core: CoreContext): Promise<void> {
  const account = core.account();
  const needless = await core.db.transaction((tx) => cursor.load(tx) !== undefined || isRemoved(tx));
  if (needless) return;
  const log = deriveReturnLog(identitySeed(account));
  const reply = await core.relays.at(account.relayUrl).link.request(
    {
      type: "create",
      logId: log.logId,
      readHash: sha256(log.readToken) as TokenHash,
      appendHash: sha256(log.appendToken) as TokenHash,
      ownerHash: sha256(log.ownerToken) as TokenHash,
      admission: account.admission,
    },
    "done",
  );
  // Refused for now: asked again with the next chores. Nothing else depends on it.
  if (reply.type === "error" && reply.code !== "exists") return;
  await write(core, (tx) => {
    cursor.save(tx, { nextSeq: 0 });
  });
}

/** Waits at the return log, if it was made. */
export async function readReturns(core: CoreContext): Promise<InboxReader | undefined> {
  const account = core.account();
  const known = await core.db.transaction((tx) => (isRemoved(tx) ? undefined : cursor.load(tx)));
  if (known === undefined) return undefined;
  const log = deriveReturnLog(identitySeed(account));
  const row = {
    relay_url: account.relayUrl,
    log_id: log.logId,
    read_token: log.readToken,
    owner_token: log.ownerToken,
    next_seq: known.nextSeq,
  };
  return new InboxReader(core, row, {
    receive: async (entry) => {
      await receiveReturn(core, entry);
      return "more";
    },
    // The relay lost it. It is made anew with the next chores after a start.
    refused: () =>
      write(core, (tx) => {
        cursor.clear(tx);
      }),
  });
}

type Sealer = { readonly key: IdentityKey; readonly entry: ReturnEntry };

async function receiveReturn(core: CoreContext, entry: Entry): Promise<void> {
  const sealer = await core.db.transaction((tx) => whoSealed(tx, core.account(), entry.body));
  if (sealer?.entry.type === "welcome") await returnTo(core, sealer.key, sealer.entry);
  await write(core, (tx, afterwards) => {
    if (sealer?.entry.type === "lists") takeOwnLists({ core, tx, afterwards }, sealer.key, sealer.entry);
    cursor.save(tx, { nextSeq: entry.seq + 1 });
  });
}

/** Tries the account's own secret, then those of contacts who are not blocked. */
function whoSealed(tx: Transaction, account: Account, body: Uint8Array): Sealer | undefined {
  const seed = identitySeed(account);
  const { logId } = deriveReturnLog(seed);
  const contacts = tx.all<{ key: Uint8Array }>(
    "SELECT i.key AS key FROM contacts c JOIN identities i ON i.id = c.identity WHERE c.blocked = 0",
  );
  for (const key of [account.identityKey, ...contacts.map((row) => row.key as IdentityKey)]) {
    const entry = openReturn(body, deriveReturnSecret(seed, key), logId);
    const own = toHex(key) === toHex(account.identityKey);
    if (entry !== undefined) return own === (entry.type === "lists") ? { key, entry } : undefined;
  }
  return undefined;
}

/** Another device of this account was made from the recovery kit, perhaps in place of this one. */
function takeOwnLists(
  writing: Writing,
  key: IdentityKey,
  { deviceLists }: Extract<ReturnEntry, { readonly type: "lists" }>,
): void {
  const { core, tx, afterwards } = writing;
  try {
    storeLists(tx, key, deviceLists, core.clock.now());
    markIfUnlisted(writing);
  } catch (error) {
    if (!(error instanceof DeviceListError)) throw error;
    if (error.code === "fork") afterwards.emit({ type: "alarm", alarm: "list-mismatch", accountId: toHex(key) });
  }
}

/**
 * A contact has come back with a new device and brings a new group for the conversation of two. It counts only if the
 * Welcome was made by a device that their newest list names, and that list is newer than the one we had.
 */
async function returnTo(
  core: CoreContext,
  key: IdentityKey,
  { welcome }: Extract<ReturnEntry, { readonly type: "welcome" }>,
): Promise<void> {
  if (!core.transport.canReach(welcome.address.relayUrl)) return;
  try {
    const state = await fetchJoinState(core, welcome);
    const contact = await core.db.transaction((tx) => contactRow(tx, key));
    if (contact === undefined) return;
    await core.inConversation(contact.conversation, () =>
      write(core, async (tx, afterwards) => {
        const current = conversationByRow(tx, contact.conversation);
        if (current === undefined) return;
        const trusted = contact.verified === 0;
        const replaces = { record: current, trusted };
        const record = await joinConversation(core, tx, welcome, state, { kind: "direct", other: key, replaces });
        welcomeBack({ core, tx, afterwards }, key, record.id, welcome.firstSeq);
      }),
    );
  } catch (error) {
    // Not from who it seemed to be, for another device of ours, or gone: what there was goes on.
    if (!(error instanceof JoinRefused || error instanceof AttachmentError)) throw error;
  }
}

function welcomeBack(
  { core, tx, afterwards }: Writing,
  key: IdentityKey,
  conversation: number,
  firstSeq: number,
): void {
  const now = core.clock.now();
  const names = [nameOf(tx, identityRow(tx, key))];
  insertNotice(tx, core.random, conversation, ordOf(firstSeq) - 2, now, { type: "devices-changed", names });
  introduce(core, tx, conversation, key);
  const record = conversationByRow(tx, conversation);
  for (const type of ["contacts-changed", "conversations-changed"] as const) afterwards.emit({ type });
  if (record !== undefined)
    afterwards.emit({ type: "messages-changed", conversationId: toHex(record.groupId), messageIds: [] });
  afterwards.run(() => {
    core.forgetConversation(conversation);
    core.wakeConversation(conversation);
    core.wakeContacts();
  });
}
