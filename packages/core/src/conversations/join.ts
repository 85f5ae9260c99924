import {
  joinState,
  MAX_MEMBERS,
  toHex,
  WireError,
  type ConversationSettings,
  type GroupWelcome,
  type IdentityKey,
  type JoinState,
} from "@stonechat/protocol";
import { ClientError } from "../client-api.ts";
import type { CoreContext, Writing } from "../context.ts";
import { AttachmentError } from "../attachments/attachment-error.ts";
import { downloadSecret } from "../attachments/secret-blobs.ts";
import { toDeviceKeys } from "../identity/account.ts";
import type { CheckedList } from "../identity/device-lists.ts";
import { DeviceListError, lastSeq } from "../identity/device-lists.ts";
import { groupLists } from "../identity/group-lists.ts";
import { heldList, identityRow, setProfileName, storeLists } from "../identity/identity-store.ts";
import { MAX_SEQ } from "../content/message-rows.ts";
import { MlsError, type Member, type OwnKeyPackage } from "../mls/contract.ts";
import { hasGhost } from "../sync/receive-commit.ts";
import { RelayUnavailable } from "../sync/relay-link.ts";
import type { Intent } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";
import {
  conversationByGroup,
  conversationByRow,
  insertConversation,
  type ConversationRecord,
  type ConversationRow,
} from "./conversation-record.ts";
import { moveToSuccessor, resumeIntents } from "./continue.ts";
import { enterEpoch, listInConversation, toEpochMembers } from "./epoch.ts";
import { replaceGroup } from "./replace.ts";
import type { Continuation } from "./succession.ts";

/** What came with a Welcome, fetched and decoded but not believed. */
export async function fetchJoinState(core: CoreContext, welcome: GroupWelcome): Promise<JoinState> {
  // Whoever added us does not send us elsewhere for it, to learn where we are.
  if (welcome.state.type === "blob" && welcome.state.blob.relayUrl !== welcome.address.relayUrl)
    throw new JoinRefused();
  const bytes =
    welcome.state.type === "inline" ? welcome.state.joinState : await downloadSecret(core, welcome.state.blob);
  return joinState.decode(bytes);
}

/** The conversation whose group another takes the place of; see {@link replaceGroup} for `trusted`. */
export interface Replaced {
  readonly record: ConversationRecord;
  readonly trusted: boolean;
}

/** What a Welcome must be for. */
type Expected =
  | { readonly kind: "direct"; readonly other: IdentityKey; readonly replaces?: Replaced }
  | { readonly kind: "group"; readonly adder: IdentityKey; readonly continues?: Continued };

/** The conversation that goes on in the group; `asked`: its user agreed to that. */
export interface Continued {
  readonly writing: Writing;
  readonly continuation: Continuation;
  readonly asked: boolean;
}

/** Why a Welcome was refused. Nothing was changed. */
export class JoinRefused extends Error {
  override readonly name = "JoinRefused";
}

/**
 * Joins by a Welcome: the MLS part, then the ghost rule for every leaf, then what this conversation is allowed to be.
 * The private part of the KeyPackage is gone afterwards.
 *
 * @param expected - What the Welcome must be for: a conversation of exactly these two, or a group that `adder` is in.
 * @throws JoinRefused and keeps nothing.
 */
export async function joinConversation(
  core: CoreContext,
  tx: Transaction,
  welcome: GroupWelcome,
  state: JoinState,
  expected: Expected,
): Promise<ConversationRecord> {
  const earlier = conversationByGroup(tx, welcome.groupId);
  if (earlier?.state === "active" || state.settings.kind !== expected.kind) throw new JoinRefused();
  if (welcome.firstSeq > MAX_SEQ) throw new JoinRefused();
  const account = core.account();
  const now = core.clock.now();
  try {
    const { welcomeBytes, keyPackage } = findKeyPackage(core, tx, welcome);
    const joined = await core.mls.join({
      welcome: welcomeBytes,
      tree: state.tree,
      keyPackage,
      device: toDeviceKeys(account),
    });
    const newest = collectLists(tx, state, now);
    const members = joined.group.members();
    const lists = listsOfState(tx, state);
    for (const known of [lists, newest]) if (hasGhost(members, (id) => known.get(id))) throw new JoinRefused();
    checkExpected(
      joined.adder.identityKey,
      members.map(({ identityKey }) => identityKey),
      account.identityKey,
      expected,
    );
    if (toHex(joined.group.groupId) !== toHex(welcome.groupId)) throw new JoinRefused();
    const replaces = expected.kind === "direct" ? expected.replaces : undefined;
    const continues = expected.kind === "group" ? expected.continues : undefined;
    if (continues !== undefined) checkContinued(continues, members, state.settings);
    let intents: readonly Intent[] = [];
    let id: ConversationRow;
    if (replaces !== undefined) id = replace(core, tx, replaces, earlier, welcome, lists);
    else if (continues !== undefined) {
      ({ id } = continues.continuation.record);
      intents = moveToSuccessor(continues.writing, continues.continuation, {
        groupId: welcome.groupId,
        ...welcome.address,
        logMade: true,
        nextSeq: welcome.firstSeq,
      });
    } else if (earlier === undefined)
      id = insertConversation(tx, {
        groupId: welcome.groupId,
        kind: expected.kind,
        relayUrl: welcome.address.relayUrl,
        logId: welcome.address.logId,
        logMade: true,
        settings: state.settings,
        nextSeq: welcome.firstSeq,
        activityAt: now,
      });
    else id = reopen(tx, earlier, welcome, expected.kind, joined.group.epoch);
    const record = conversationByRow(tx, id);
    if (record === undefined) throw new RangeError("the conversation was not stored");
    for (const { identityKey, name } of state.names) setProfileName(tx, identityRow(tx, identityKey), name, true);
    tx.run("DELETE FROM key_packages WHERE ref = ? AND use <> 'last-resort'", keyPackage.ref);
    const entered = await enterEpoch(
      tx,
      record,
      joined.group,
      joined.changes,
      state.settings,
      toEpochMembers(joined.group, (member) => lists.get(member)),
    );
    if (continues !== undefined) resumeIntents(tx, continues.continuation, intents);
    return entered;
  } catch (error) {
    if (error instanceof MlsError || error instanceof DeviceListError || error instanceof WireError)
      throw new JoinRefused(undefined, { cause: error });
    throw error;
  }
}

/**
 * Another group for a conversation of two. Only a newer list of the other's devices makes that so: neither an old Welcome
 * that comes again nor a device that was lost leads this one away from the group that holds.
 */
function replace(
  core: CoreContext,
  tx: Transaction,
  { record, trusted }: Replaced,
  earlier: ConversationRecord | undefined,
  welcome: GroupWelcome,
  lists: ReadonlyMap<string, CheckedList>,
): number {
  const other = tx.get<{ key: Uint8Array }>(
    "SELECT i.key AS key FROM contacts c JOIN identities i ON i.id = c.identity WHERE c.conversation = ?",
    record.id,
  )?.key as IdentityKey | undefined; // stored with the brand it came with
  if (other === undefined || earlier !== undefined || record.kind !== "direct") throw new JoinRefused();
  const before = listInConversation(tx, record.id, other)?.list.seq ?? -1;
  if ((lists.get(toHex(other))?.list.seq ?? -1) <= before) throw new JoinRefused();
  return replaceGroup(tx, core.random, record, welcome, trusted);
}

/** Somebody who was in this conversation before comes back: what he read then stays. */
function reopen(
  tx: Transaction,
  earlier: ConversationRecord,
  welcome: GroupWelcome,
  kind: ConversationRecord["kind"],
  epoch: bigint,
): number {
  const sameLog =
    toHex(earlier.logId) === toHex(welcome.address.logId) && earlier.relayUrl === welcome.address.relayUrl;
  if (!sameLog || welcome.firstSeq < earlier.nextSeq) throw new JoinRefused();
  // A conversation of two stays one, and an old Welcome does not lead back into an epoch whose keys were used.
  if (earlier.kind !== kind || epoch <= BigInt(earlier.epoch)) throw new JoinRefused();
  for (const table of ["outbox", "intents", "staged_commits", "receipts_due", "ratchets", "groups", "tail"])
    tx.run(`DELETE FROM ${table} WHERE conversation = ?`, earlier.id);
  tx.run("UPDATE messages SET state = 'failed' WHERE conversation = ? AND state = 'waiting'", earlier.id);
  tx.run("DELETE FROM successions WHERE conversation = ?", earlier.id);
  tx.run(
    "UPDATE conversations SET state = 'active', next_seq = ?, group_version = -1, compare_since = 0 WHERE id = ?",
    welcome.firstSeq,
    earlier.id,
  );
  return earlier.id;
}

/**
 * Whoever was left out is not in the successor; and where nobody is asked it has no member whom the old group had not, and
 * name, timer, roles and who may add are as they were.
 */
function checkContinued(
  { continuation, asked }: Continued,
  members: readonly Member[],
  settings: ConversationSettings,
): void {
  const { leftOut, record, succession } = continuation;
  const ids = new Set(members.map(({ identityKey }) => toHex(identityKey)));
  if (leftOut !== undefined && ids.has(toHex(leftOut))) throw new JoinRefused();
  if (asked) return;
  const before = new Set(succession.members.map(toHex));
  if ([...ids].some((id) => !before.has(id))) throw new JoinRefused();
  const wereAdmins = new Set(succession.admins.map(toHex));
  if (settings.admins.some((key) => !wereAdmins.has(toHex(key)))) throw new JoinRefused();
  const { name, timerSeconds, whoMayAdd } = record.settings;
  if (settings.name !== name || settings.timerSeconds !== timerSeconds || settings.whoMayAdd !== whoMayAdd)
    throw new JoinRefused();
}

function findKeyPackage(
  core: CoreContext,
  tx: Transaction,
  welcome: GroupWelcome,
): { readonly welcomeBytes: Uint8Array; readonly keyPackage: OwnKeyPackage } {
  for (const welcomeBytes of welcome.welcomes) {
    for (const ref of core.mls.welcomeRefs(welcomeBytes)) {
      const row = tx.get<{ key_package: Uint8Array; secret: Uint8Array; not_after: number }>(
        "SELECT key_package, secret, not_after FROM key_packages WHERE ref = ?",
        ref,
      );
      if (row !== undefined)
        return {
          welcomeBytes,
          keyPackage: { ref, keyPackage: row.key_package, secret: row.secret, notAfter: row.not_after },
        };
    }
  }
  throw new JoinRefused();
}

/** @throws DeviceListError */
function collectLists(
  tx: Transaction,
  state: JoinState,
  now: ReturnType<CoreContext["clock"]["now"]>,
): ReadonlyMap<string, CheckedList> {
  return new Map(
    [...groupLists(state.deviceLists)].map(([id, { key, lists }]) => [id, storeLists(tx, key, lists, now)]),
  );
}

/** Those that hold in the conversation: what its members were told, though this device may know newer ones. */
function listsOfState(tx: Transaction, state: JoinState): ReadonlyMap<string, CheckedList> {
  const lists = new Map<string, CheckedList>();
  for (const [id, { key, lists: signed }] of groupLists(state.deviceLists)) {
    const last = heldList(tx, identityRow(tx, key), lastSeq(signed));
    if (last !== undefined) lists.set(id, last);
  }
  return lists;
}

function checkExpected(
  adder: IdentityKey,
  members: readonly IdentityKey[],
  own: IdentityKey,
  expected: Expected,
): void {
  const ids = new Set(members.map(toHex));
  const by = expected.kind === "direct" ? expected.other : expected.adder;
  if (toHex(adder) !== toHex(by) || !ids.has(toHex(own)) || ids.size > MAX_MEMBERS) throw new JoinRefused();
  if (expected.kind === "direct" && (ids.size !== 2 || !ids.has(toHex(expected.other)))) throw new JoinRefused();
}

/** For hosts: a refused Welcome is a damaged link or a relay that changed what it carries. */
export function toClientError(error: unknown): unknown {
  if (error instanceof RelayUnavailable) return new ClientError("relay-unreachable", { cause: error });
  if (error instanceof AttachmentError) return new ClientError("attachment-gone", { cause: error });
  return error instanceof JoinRefused ? new ClientError("bad-link", { cause: error }) : error;
}
