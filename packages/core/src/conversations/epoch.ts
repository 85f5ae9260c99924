import { sha256 } from "@stonechat/crypto";
import {
  conversationSettings,
  conversationState,
  toHex,
  type ConversationSettings,
  type ConversationState,
  type IdentityKey,
  type ListHead,
  type Token,
} from "@stonechat/protocol";
import type { CheckedList } from "../identity/device-lists.ts";
import { compareBytes } from "../identity/device-lists.ts";
import { heldList, identityRow } from "../identity/identity-store.ts";
import type { GroupChanges, MlsGroup, StoredGroup } from "../mls/contract.ts";
import type { Transaction } from "../vault/database.ts";
import type { ConversationRecord, EpochKeys } from "./conversation-record.ts";

const NO_CONTEXT = new Uint8Array(0);

/** The accounts of a conversation's epoch, by hex of identity key, each with the device list that holds there. */
export type EpochMembers = ReadonlyMap<string, { readonly list: CheckedList; readonly deviceCount: number }>;

/** What the epoch's members share with the relay and with each other; see {@link EpochKeys}. */
export async function exportEpochKeys(group: MlsGroup): Promise<EpochKeys> {
  return {
    readToken: (await group.exportSecret("stonechat log read", NO_CONTEXT, 32)) as Token,
    appendToken: (await group.exportSecret("stonechat log append", NO_CONTEXT, 32)) as Token,
    entryKey: await group.exportSecret("stonechat entry", NO_CONTEXT, 32),
  };
}

/** Counts leaves by account and joins each account with its list. */
export function toEpochMembers(group: MlsGroup, listOf: (id: string) => CheckedList | undefined): EpochMembers {
  const members = new Map<string, { list: CheckedList; deviceCount: number }>();
  for (const { identityKey } of group.members()) {
    const id = toHex(identityKey);
    const list = listOf(id);
    if (list === undefined) throw new RangeError("a member without a device list");
    members.set(id, { list, deviceCount: (members.get(id)?.deviceCount ?? 0) + 1 });
  }
  return members;
}

/** The state that all members of an epoch must agree on. */
export function toConversationState(
  record: Pick<ConversationRecord, "groupId">,
  settings: ConversationSettings,
  members: EpochMembers,
): ConversationState {
  const sorted = [...members.values()].sort((a, b) => compareBytes(a.list.list.identityKey, b.list.list.identityKey));
  return {
    groupId: record.groupId,
    settingsHash: sha256(conversationSettings.encode(settings)),
    members: sorted.map(({ list, deviceCount }) => ({
      identityKey: list.list.identityKey,
      head: list.head,
      deviceCount,
    })),
  };
}

/** Writes down that the conversation is now in this epoch. @returns The record as it now is. */
export async function enterEpoch(
  tx: Transaction,
  record: ConversationRecord,
  group: MlsGroup,
  changes: GroupChanges,
  settings: ConversationSettings,
  members: EpochMembers,
): Promise<ConversationRecord> {
  saveGroup(tx, record.id, changes);
  const keys = await exportEpochKeys(group);
  const roster = conversationState.encode(toConversationState(record, settings, members));
  const stateHash = sha256(roster);
  tx.run("INSERT INTO rosters (hash, roster) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING", stateHash, roster);
  const rosterRow = tx.get<{ id: number }>("SELECT id FROM rosters WHERE hash = ?", stateHash)?.id ?? 0;
  const epoch = Number(group.epoch);
  tx.run(
    `UPDATE conversations SET settings = ?, epoch = ?, read_token = ?, append_token = ?, entry_key = ?, roster = ?, state_hash = ? WHERE id = ?`,
    conversationSettings.encode(settings),
    epoch,
    keys.readToken,
    keys.appendToken,
    keys.entryKey,
    rosterRow,
    stateHash,
    record.id,
  );
  saveMembers(tx, record.id, members);
  return { ...record, settings, epoch, keys, roster: rosterRow, stateHash };
}

function saveMembers(tx: Transaction, conversation: number, members: EpochMembers): void {
  const rows = new Set<number>();
  for (const { list, deviceCount } of members.values()) {
    const row = identityRow(tx, list.list.identityKey);
    rows.add(row);
    tx.run(
      `INSERT INTO conversation_members (conversation, identity, list_seq, list_head, device_count) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (conversation, identity) DO UPDATE SET list_seq = excluded.list_seq, list_head = excluded.list_head, device_count = excluded.device_count`,
      conversation,
      row,
      list.list.seq,
      list.head,
      deviceCount,
    );
  }
  for (const { identity } of tx.all<{ identity: number }>(
    "SELECT identity FROM conversation_members WHERE conversation = ?",
    conversation,
  )) {
    if (!rows.has(identity))
      tx.run("DELETE FROM conversation_members WHERE conversation = ? AND identity = ?", conversation, identity);
  }
}

/**
 * Stores what one step of the group changed: the touched ratchets, or with a new epoch everything.
 *
 * @throws RangeError if an older state would overwrite a newer one: a key and nonce would be used twice.
 */
export function saveGroup(tx: Transaction, conversation: number, changes: GroupChanges): void {
  const moved = tx.run(
    "UPDATE conversations SET group_version = ? WHERE id = ? AND group_version < ?",
    changes.version,
    conversation,
    changes.version,
  );
  if (moved !== 1) throw new RangeError("an older group state must not be written back");
  if (changes.epoch !== undefined) {
    tx.run("DELETE FROM ratchets WHERE conversation = ?", conversation);
    tx.run(
      "INSERT INTO groups (conversation, epoch) VALUES (?, ?) ON CONFLICT (conversation) DO UPDATE SET epoch = excluded.epoch",
      conversation,
      changes.epoch,
    );
  }
  for (const { index, state } of changes.ratchets) {
    tx.run(
      "INSERT INTO ratchets (conversation, ratchet, state) VALUES (?, ?, ?) ON CONFLICT (conversation, ratchet) DO UPDATE SET state = excluded.state",
      conversation,
      index,
      state,
    );
  }
}

/** The version of the stored state; grows with every step. */
export function groupVersion(tx: Transaction, conversation: number): number {
  return (
    tx.get<{ version: number }>("SELECT group_version AS version FROM conversations WHERE id = ?", conversation)
      ?.version ?? -1
  );
}

export function loadStoredGroup(tx: Transaction, conversation: number): StoredGroup {
  const row = tx.get<{ epoch: Uint8Array; version: number }>(
    "SELECT g.epoch AS epoch, c.group_version AS version FROM groups g JOIN conversations c ON c.id = g.conversation WHERE g.conversation = ?",
    conversation,
  );
  if (row === undefined) throw new RangeError("no group is stored");
  const ratchets = tx
    .all<{ ratchet: number; state: Uint8Array }>(
      "SELECT ratchet, state FROM ratchets WHERE conversation = ? ORDER BY ratchet",
      conversation,
    )
    .map(({ ratchet, state }) => ({ index: ratchet, state }));
  return { version: row.version, epoch: row.epoch, ratchets };
}

/** The device list that holds for a member in this conversation; may be older than the newest we know. */
export function listInConversation(tx: Transaction, conversation: number, key: IdentityKey): CheckedList | undefined {
  const row = tx.get<{ identity: number; list_seq: number }>(
    "SELECT m.identity AS identity, m.list_seq AS list_seq FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? AND i.key = ?",
    conversation,
    key,
  );
  return row === undefined ? undefined : heldList(tx, row.identity, row.list_seq);
}

/** The head by which this device signs for itself in this conversation. */
export function ownHead(tx: Transaction, conversation: number, own: IdentityKey): ListHead {
  const list = listInConversation(tx, conversation, own);
  if (list === undefined) throw new RangeError("own device list is missing");
  return list.head;
}
