import {
  commitDetails,
  toHex,
  WireError,
  type CommitDetails,
  type Entry,
  type IdentityKey,
  type WireErrorCode,
} from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import { hasComeTooLate, hasMissed } from "../content/notices.ts";
import { placeOf } from "../content/message-rows.ts";
import { surfaceGroupRequest } from "../contacts/group-requests.ts";
import type { Notice } from "../client-api.ts";
import { setConversationState, touchConversation } from "../conversations/conversation-record.ts";
import { addStranded } from "../conversations/rejoin.ts";
import { enterEpoch, listInConversation, toEpochMembers } from "../conversations/epoch.ts";
import { noteRenewed } from "../conversations/renewal.ts";
import { checkPolicy, settingsAfter, type PolicyRefusal } from "../conversations/policy.ts";
import {
  checkChain,
  DeviceListError,
  lastSeq,
  type CheckedList,
  type DeviceListErrorCode,
} from "../identity/device-lists.ts";
import { groupLists } from "../identity/group-lists.ts";
import { heldList, identityRow, nameOf, setProfileName, storeLists } from "../identity/identity-store.ts";
import type { GroupStep, Member } from "../mls/contract.ts";
import { conversationName } from "../content/views.ts";
import type { Transaction } from "../vault/database.ts";
import { forgetCiphertexts } from "./outbox.ts";
import { addNotice, breakConversation, type Receiving } from "./receiving.ts";
import type { Snapshot } from "./runner.ts";
import { queueWelcomes } from "./welcomes.ts";
import type { StagedCommit } from "./staged-commit.ts";

/** A commit whose MLS part was verified; ours or another member's. */
export interface ArrivedCommit {
  readonly committer: Member;
  readonly added: readonly Member[];
  readonly removed: readonly Member[];
  readonly authenticatedData: Uint8Array;
  readonly step: GroupStep | undefined;
}

const NOTICES_PER_COMMIT = 7;
/** As long as a relay keeps commits: who has not removed a leaver by then can hardly follow the group any more. */
const LEAVER_KNOWN_MS = 90 * 24 * 3_600_000;

/** What a later version may have written properly. */
const NEWER: ReadonlySet<WireErrorCode> = new Set(["unsupported-version", "unknown-type"]);
/** Device lists that nobody can find good, whatever else he knows. */
const FORGED: ReadonlySet<DeviceListErrorCode> = new Set(["wrong-identity", "bad-signature", "bad-order"]);

function isOwn(core: CoreContext, key: IdentityKey): boolean {
  return toHex(key) === toHex(core.account().identityKey);
}

/** By hex of identity key: the list that holds after the commit, and the newest one that this device knows. */
type Lists = ReadonlyMap<string, { readonly holds: CheckedList; readonly newest: CheckedList }>;

/**
 * Takes in a commit: rules of the conversation, device lists (the ghost rule: a leaf counts only if its owner's list
 * names it), then the new epoch. A commit that breaks a rule is not applied; the conversation stops with an alarm.
 */
export async function applyCommit(
  receiving: Receiving,
  snapshot: Snapshot,
  entry: Entry,
  commit: ArrivedCommit,
  own?: { readonly staged: StagedCommit; readonly intent: number | undefined },
): Promise<Snapshot> {
  const { core, tx, runner } = receiving;
  // Only what all others must find as bad as we do is held against its maker; see [Note: A group that goes on in another].
  const maker = own === undefined ? commit.committer.identityKey : undefined;
  const refuse = (alarm: "ghost-device" | "list-mismatch" | "bad-commit", by: "its maker" | "somebody"): Snapshot => {
    const offender = by === "its maker" && maker !== undefined && !isOwn(core, maker) ? maker : undefined;
    return breakConversation(receiving, snapshot, placeOf(snapshot.record, entry.seq), alarm, offender);
  };
  let details: CommitDetails;
  let lists: Lists;
  try {
    details = commitDetails.decode(commit.authenticatedData);
    lists = checkLists(receiving, snapshot, commit, details);
  } catch (error) {
    if (error instanceof WireError) return refuse("bad-commit", NEWER.has(error.code) ? "somebody" : "its maker");
    if (error instanceof DeviceListError)
      return refuse(
        error.code === "fork" ? "list-mismatch" : "ghost-device",
        FORGED.has(error.code) ? "its maker" : "somebody",
      );
    throw error;
  }
  const policy = againstPolicy(tx, runner.row, snapshot, commit, details, mayBeLeaving(receiving, snapshot, commit));
  // Who asked to leave may be known to the others only, if this device has missed messages.
  if (policy !== "ok")
    return refuse("bad-commit", policy === "may-not-remove" && hasMissed(tx, runner.row) ? "somebody" : "its maker");
  const { step } = commit;
  if (step === undefined) return leaveRemoved(receiving, snapshot, entry, commit);

  const listOf = (id: string, key: IdentityKey): CheckedList | undefined =>
    lists.get(id)?.holds ?? listInConversation(tx, runner.row, key);
  if (hasGhost(step.group.members(), listOf))
    return refuse("ghost-device", hasGhost(commit.added, listOf) ? "its maker" : "somebody");
  // A list of long ago names devices that are lost since: who is added must be in the newest that we know.
  const newestOf = (id: string, key: IdentityKey): CheckedList | undefined =>
    lists.get(id)?.newest ?? heldList(tx, identityRow(tx, key));
  if (hasGhost(commit.added, newestOf)) return refuse("ghost-device", "somebody");

  const leaving = leavingMembers(tx, runner.row);
  for (const [id, { key, lists: signed }] of groupLists(details.deviceLists))
    if (lists.has(id)) storeLists(tx, key, signed, core.clock.now());
  const added = new Set(commit.added.map(({ identityKey }) => toHex(identityKey)));
  for (const { identityKey, name } of details.names)
    if (added.has(toHex(identityKey))) setProfileName(tx, identityRow(tx, identityKey), name, true);
  const keys = new Map(step.group.members().map(({ identityKey }) => [toHex(identityKey), identityKey]));
  const members = toEpochMembers(step.group, (id) => {
    const key = keys.get(id);
    return key === undefined ? undefined : listOf(id, key);
  });
  const settings = settingsAfter(snapshot.record.settings, details.settings, [...keys.values()]);
  const record = await enterEpoch(tx, snapshot.record, step.group, step.changes, settings, members);
  const next = { record, group: step.group };
  forgetCiphertexts(tx, core.random, runner.row);
  tx.run("DELETE FROM staged_commits WHERE conversation = ?", runner.row);
  if (own?.intent !== undefined) tx.run("DELETE FROM intents WHERE id = ?", own.intent);
  if (own !== undefined) {
    noteRenewed(core, tx, runner.row);
    queueWelcomes(receiving, next, own.staged, entry.seq + 1);
  }
  describeChange(receiving, snapshot, next, entry, commit, leaving);
  addStranded(receiving, record);
  return next;
}

/**
 * The lists that a commit brings, of accounts that are in the conversation; others have no business here.
 *
 * @throws DeviceListError
 */
function checkLists(
  { core, tx, runner }: Receiving,
  { group }: Snapshot,
  commit: ArrivedCommit,
  details: CommitDetails,
): Lists {
  const present = new Set([...group.members(), ...commit.added].map(({ identityKey }) => toHex(identityKey)));
  const lists = new Map<string, { readonly holds: CheckedList; readonly newest: CheckedList }>();
  for (const [id, { key, lists: signed }] of groupLists(details.deviceLists)) {
    if (!present.has(id)) continue;
    const row = identityRow(tx, key);
    const held = heldList(tx, row);
    const fresh = checkChain(key, held, signed, (seq) => heldList(tx, row, seq)?.head, core.clock.now());
    const newest = fresh.at(-1) ?? held;
    // This device may know more than the commit says. What holds must be the same for everybody, and never goes back.
    const last = fresh.at(-1) ?? heldList(tx, row, lastSeq(signed));
    const before = listInConversation(tx, runner.row, key);
    const holds = before !== undefined && before.list.seq > (last?.list.seq ?? -1) ? before : last;
    if (newest !== undefined && holds !== undefined) lists.set(id, { holds, newest });
  }
  return lists;
}

/** Whether a leaf is not named by its owner's list, or a device has two leaves. */
export function hasGhost(
  members: readonly Member[],
  listOf: (id: string, key: IdentityKey) => CheckedList | undefined,
): boolean {
  const devices = new Set<string>();
  return members.some(({ identityKey, deviceKey }) => {
    const device = toHex(deviceKey);
    if (devices.has(device)) return true;
    devices.add(device);
    return listOf(toHex(identityKey), identityKey)?.list.devices.every((key) => toHex(key) !== device) ?? true;
  });
}

/** Whether a commit, ours or another's, breaks the rules of its conversation. */
export function againstPolicy(
  tx: Transaction,
  conversation: number,
  { group, record }: Snapshot,
  commit: {
    readonly committer: Member;
    readonly added: readonly Pick<Member, "identityKey">[];
    readonly removed: readonly Member[];
  },
  details: Pick<CommitDetails, "settings">,
  leaving: ReadonlySet<string> = leavingMembers(tx, conversation),
): "ok" | PolicyRefusal {
  const idOf = ({ identityKey }: Pick<Member, "identityKey">): string => toHex(identityKey);
  const gone = new Set(commit.removed.map(({ leaf }) => leaf));
  return checkPolicy({
    settings: record.settings,
    before: new Set(group.members().map(idOf)),
    first: group.epoch === 0n,
    committer: idOf(commit.committer),
    added: commit.added.map(idOf),
    removed: commit.removed.map(idOf),
    after: new Set([...group.members().filter(({ leaf }) => !gone.has(leaf)), ...commit.added].map(idOf)),
    leaving,
    newSettings: details.settings,
  });
}

/** Those who asked to be removed and still are members. */
export function leavingMembers(tx: Transaction, conversation: number): ReadonlySet<string> {
  const rows = tx.all<{ key: Uint8Array }>(
    "SELECT i.key AS key FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? AND m.leaving = 1",
    conversation,
  );
  return new Set(rows.map(({ key }) => toHex(key)));
}

/**
 * Those who asked to be removed, as far as this device can tell. Commits are kept longer than messages: after a long
 * absence the removal of somebody who asked is there, and his asking is not. Whoever is removed then may have asked; that
 * he is gone, and by whom, is said, and so is that messages expired. What this account asked its only device knows.
 */
function mayBeLeaving(
  { core, tx, runner }: Receiving,
  { group, record }: Snapshot,
  { removed }: ArrivedCommit,
): ReadonlySet<string> {
  const known = leavingMembers(tx, runner.row);
  if (record.kind !== "group" || removed.length === 0) return known;
  if (!hasComeTooLate(tx, runner.row, core.clock.now() - LEAVER_KNOWN_MS)) return known;
  const alone = group.members().filter(({ identityKey }) => isOwn(core, identityKey)).length === 1;
  const others = removed.filter(({ identityKey }) => !(alone && isOwn(core, identityKey)));
  return new Set([...known, ...others.map(({ identityKey }) => toHex(identityKey))]);
}

/** This device is no longer in the conversation. What it has read stays; the keys go. */
function leaveRemoved(receiving: Receiving, snapshot: Snapshot, entry: Entry, commit: ArrivedCommit): Snapshot {
  const { tx, runner, afterwards } = receiving;
  const by = nameOf(tx, identityRow(tx, commit.committer.identityKey));
  const own = toHex(receiving.core.account().identityKey);
  const left = leavingMembers(tx, runner.row).has(own);
  addNotice(
    receiving,
    placeOf(snapshot.record, entry.seq),
    left
      ? { type: "member-left", names: [receiving.core.account().name] }
      : { type: "member-removed", byName: by, names: [receiving.core.account().name] },
  );
  setConversationState(tx, runner.row, left ? "left" : "removed");
  surfaceGroupRequest(receiving, snapshot.record.groupId, entry.seq);
  tx.run("DELETE FROM ratchets WHERE conversation = ?", runner.row);
  tx.run("DELETE FROM groups WHERE conversation = ?", runner.row);
  for (const table of ["outbox", "intents", "staged_commits", "receipts_due", "tail"])
    tx.run(`DELETE FROM ${table} WHERE conversation = ?`, runner.row);
  tx.run("UPDATE messages SET state = 'failed' WHERE conversation = ? AND state = 'waiting'", runner.row);
  afterwards.emit({
    type: "member-removed",
    conversationId: toHex(snapshot.record.groupId),
    conversationName: conversationName(tx, snapshot.record),
    byId: toHex(commit.committer.identityKey),
    byName: by,
    memberIds: [own],
    memberNames: [receiving.core.account().name],
  });
  return { ...snapshot, record: { ...snapshot.record, state: left ? "left" : "removed" } };
}

function describeChange(
  receiving: Receiving,
  before: Snapshot,
  after: Snapshot,
  entry: Entry,
  commit: ArrivedCommit,
  leavers: ReadonlySet<string>,
): void {
  const { core, tx, afterwards, runner } = receiving;
  const label = (key: IdentityKey): string => nameOf(tx, identityRow(tx, key));
  const byName = label(commit.committer.identityKey);
  const was = new Map(before.group.members().map(({ identityKey }) => [toHex(identityKey), identityKey]));
  const is = new Map(after.group.members().map(({ identityKey }) => [toHex(identityKey), identityKey]));
  const joined = [...is].filter(([id]) => !was.has(id)).map(([, key]) => key);
  const gone = [...was].filter(([id]) => !is.has(id)).map(([, key]) => key);
  const notices: Notice[] = [];
  const conversationId = toHex(after.record.groupId);
  const told = (type: "member-added" | "member-removed", keys: readonly IdentityKey[]): void => {
    afterwards.emit({
      type,
      conversationId,
      conversationName: conversationName(tx, after.record),
      byId: toHex(commit.committer.identityKey),
      byName,
      memberIds: keys.map(toHex),
      memberNames: keys.map(label),
    });
  };
  if (after.record.kind === "group" && joined.length > 0) {
    notices.push({ type: "member-added", byName, names: joined.map(label) });
    told("member-added", joined);
    for (const key of joined) {
      tx.run(
        "UPDATE conversation_members SET invited = 1 WHERE conversation = ? AND identity = ?",
        runner.row,
        identityRow(tx, key),
      );
    }
  }
  if (gone.length > 0) {
    const leaving = gone.filter((key) => leavers.has(toHex(key)));
    const removed = gone.filter((key) => !leaving.includes(key));
    if (leaving.length > 0) notices.push({ type: "member-left", names: leaving.map(label) });
    if (removed.length > 0) notices.push({ type: "member-removed", byName, names: removed.map(label) });
    told("member-removed", gone);
  }
  notices.push(...describeSettings(before, after, byName, label));
  const grown = [...is].filter(([id]) => was.has(id) && devicesChanged(before, after, id, commit));
  if (grown.length > 0) {
    notices.push({ type: "devices-changed", names: grown.map(([, key]) => label(key)) });
    afterwards.emit({ type: "contacts-changed" });
  }
  for (const [i, notice] of notices.slice(0, NOTICES_PER_COMMIT).entries())
    addNotice(receiving, placeOf(after.record, entry.seq) + i, notice);
  if (notices.length > 0) touchConversation(tx, runner.row, core.clock.now());
  afterwards.emit({ type: "conversations-changed" });
}

function devicesChanged(before: Snapshot, after: Snapshot, id: string, commit: ArrivedCommit): boolean {
  if (before.record.kind === "own") return false;
  return (
    [...commit.added, ...commit.removed].some(({ identityKey }) => toHex(identityKey) === id) &&
    countLeaves(before, id) > 0 &&
    countLeaves(after, id) > 0
  );
}

function countLeaves({ group }: Snapshot, id: string): number {
  return group.members().filter(({ identityKey }) => toHex(identityKey) === id).length;
}

function describeSettings(
  before: Snapshot,
  after: Snapshot,
  byName: string,
  label: (key: IdentityKey) => string,
): readonly Notice[] {
  const notices: Notice[] = [];
  const { settings: was } = before.record;
  const { settings: is } = after.record;
  if (was.name !== is.name) notices.push({ type: "renamed", byName, name: is.name });
  if (was.timerSeconds !== is.timerSeconds) notices.push({ type: "timer-changed", byName, seconds: is.timerSeconds });
  const wasAdmin = new Set(was.admins.map(toHex));
  const isAdmin = new Set(is.admins.map(toHex));
  const present = new Set(after.group.members().map(({ identityKey }) => toHex(identityKey)));
  const promoted = is.admins.filter((key) => !wasAdmin.has(toHex(key)));
  const demoted = was.admins.filter((key) => !isAdmin.has(toHex(key)) && present.has(toHex(key)));
  if (promoted.length > 0) notices.push({ type: "role-changed", byName, names: promoted.map(label), role: "admin" });
  if (demoted.length > 0) notices.push({ type: "role-changed", byName, names: demoted.map(label), role: "member" });
  return notices;
}
