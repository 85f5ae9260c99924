import {
  groupId as groupIdCodec,
  identityKey,
  list,
  structure,
  struct,
  toHex,
  versioned,
  type GroupId,
  type IdentityKey,
  type ValueOf,
} from "@stonechat/protocol";
import type { CoreContext } from "../context.ts";
import { compareBytes } from "../identity/device-lists.ts";
import { identityKeyOf, identityRow } from "../identity/identity-store.ts";
import { toDeviceKeys } from "../identity/account.ts";
import type { MlsGroup } from "../mls/contract.ts";
import type { SqlRow } from "../vault/sql-value.ts";
import type { Transaction } from "../vault/database.ts";
import {
  conversationByGroup,
  conversationByRow,
  type ConversationRecord,
  type ConversationRow,
} from "./conversation-record.ts";
import { loadStoredGroup } from "./epoch.ts";

/**
 * [Note: A group that goes on in another]
 *
 * One member can end a group for all: the relay takes its commit, and every other member refuses it. The group then goes on
 * in a successor, a new group in the place of the old one, which an admin's device makes. Its id is derived from the last
 * epoch that the members share, from whom it leaves out and from who made it. So whoever is stuck in that same epoch, and
 * nobody else, knows the id beforehand: a Welcome to it from an admin of that epoch needs no second consent, if nobody is
 * in it who was not a member, and the one left out is the one whose commit this very device refused. A device that is not
 * stuck treats the Welcome as any other: it asks.
 *
 * Two admins may be at it at once. Their ids differ; of two successors that leave out the same member, the one of the admin
 * with the smaller identity key holds, and whoever is in the other moves on, and says there again what was said here.
 */

/** How long after it was entered a successor may give way to a better one: devices that were just not reached come back. */
const CONTEST_MS = 3_600_000;
const NOBODY = new Uint8Array(32);

/** The members that a group had when it ended. */
const succession = structure(
  "Succession",
  50_000,
  versioned(
    1,
    struct({
      members: list(identityKey, 500, 16_000),
      /** Who may make a successor: the group's admins but the one left out; ascending. */
      admins: list(identityKey, 500, 16_000),
      /** The ids of the successors that each of them may make, in their order. */
      candidates: list(groupIdCodec, 500, 16_000),
    }),
  ),
);
export type Succession = ValueOf<typeof succession.codec>;

export type SuccessionRow = SqlRow & {
  readonly conversation: ConversationRow;
  readonly predecessor: Uint8Array;
  /** Whose commit this device refused, known by its signature. */
  readonly offender: number | undefined;
  /** When this device makes a successor by itself; 0: never. */
  readonly due_at: number;
  /** Until when another successor may still take its place. */
  readonly ends_at: number;
  /** Absent while the group is stuck. */
  readonly data: Uint8Array | undefined;
};

/** How a conversation may go on in a successor. */
export interface Continuation {
  readonly record: ConversationRecord;
  readonly leftOut: IdentityKey | undefined;
  readonly succession: Succession;
  /** Nobody need be asked. */
  readonly automatic: boolean;
}

export function successionRow(tx: Transaction, conversation: ConversationRow): SuccessionRow | undefined {
  return tx.get<SuccessionRow>("SELECT * FROM successions WHERE conversation = ?", conversation);
}

/** Notes that a group cannot go on, and by whose doing if that is sure. */
export function noteStuck(tx: Transaction, record: ConversationRecord, offender: IdentityKey | undefined): void {
  tx.run("DELETE FROM successions WHERE conversation = ?", record.id);
  tx.run(
    "INSERT INTO successions (conversation, predecessor, offender) VALUES (?, ?, ?)",
    record.id,
    record.groupId,
    offender === undefined ? undefined : identityRow(tx, offender),
  );
}

export function offenderOf(tx: Transaction, conversation: ConversationRow): IdentityKey | undefined {
  const row = successionRow(tx, conversation);
  return row?.offender === undefined ? undefined : identityKeyOf(tx, row.offender);
}

/** The conversation that a group belongs to, or that it has gone on in. */
export function conversationOfGroup(tx: Transaction, group: Uint8Array): ConversationRecord | undefined {
  const known = conversationByGroup(tx, group);
  if (known !== undefined) return known;
  const row = tx.get<SuccessionRow>("SELECT * FROM successions WHERE predecessor = ?", group);
  return row === undefined ? undefined : conversationByRow(tx, row.conversation);
}

/** The id of the group in which `maker` continues another, as all members of its last epoch can tell. */
async function successorId(group: MlsGroup, leftOut: IdentityKey | undefined, maker: IdentityKey): Promise<GroupId> {
  const context = new Uint8Array(64);
  context.set(leftOut ?? NOBODY);
  context.set(maker, 32);
  return (await group.exportSecret("stonechat successor", context, 32)) as GroupId;
}

/** The group as it was when it ended, less those who asked to leave it; undefined if it is not stuck. */
export async function stuckGroup(
  core: CoreContext,
  tx: Transaction,
  row: SuccessionRow,
  leftOut: IdentityKey | undefined,
): Promise<Continuation | undefined> {
  const record = conversationByRow(tx, row.conversation);
  if (record?.kind !== "group" || record.state !== "broken" || row.data !== undefined) return undefined;
  const out = leftOut === undefined ? "" : toHex(leftOut);
  const members = stayingMembers(tx, record.id).filter((key) => toHex(key) !== out);
  const admins = record.settings.admins.filter((key) => toHex(key) !== out).sort(compareBytes);
  const group = await core.mls.load(loadStoredGroup(tx, record.id), toDeviceKeys(core.account()));
  const candidates: GroupId[] = [];
  for (const admin of admins) candidates.push(await successorId(group, leftOut, admin));
  const automatic = leftOut !== undefined && row.offender === identityRow(tx, leftOut);
  return { record, leftOut, succession: { members, admins, candidates }, automatic };
}

function stayingMembers(tx: Transaction, conversation: ConversationRow): readonly IdentityKey[] {
  return tx
    .all<{ key: Uint8Array }>(
      "SELECT i.key AS key FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? AND m.leaving = 0 ORDER BY i.key",
      conversation,
    )
    .map(({ key }) => key as IdentityKey); // stored with the brand it came with
}

/** Which conversation of this device goes on in the group that `adder` adds it to, if any does. */
export async function findContinuation(
  core: CoreContext,
  tx: Transaction,
  adder: IdentityKey,
  group: GroupId,
): Promise<Continuation | undefined> {
  if (conversationByGroup(tx, group) !== undefined) return undefined;
  for (const row of tx.all<SuccessionRow>("SELECT * FROM successions ORDER BY conversation")) {
    const found = row.data === undefined ? await fromStuck(core, tx, row, adder, group) : better(core, tx, row, group);
    if (found?.succession.admins.some((key) => toHex(key) === toHex(adder)) === true) return found;
  }
  return undefined;
}

async function fromStuck(
  core: CoreContext,
  tx: Transaction,
  row: SuccessionRow,
  adder: IdentityKey,
  group: GroupId,
): Promise<Continuation | undefined> {
  const offender = row.offender === undefined ? undefined : identityKeyOf(tx, row.offender);
  const stuck = await stuckGroup(core, tx, row, offender);
  if (stuck === undefined || holds(stuck.succession, group)) return stuck;
  // Nobody is known to have done it, or the admin thinks otherwise: then the user is asked.
  const stored = await core.mls.load(loadStoredGroup(tx, stuck.record.id), toDeviceKeys(core.account()));
  for (const leftOut of [undefined, ...stayingMembers(tx, stuck.record.id)]) {
    if (toHex(await successorId(stored, leftOut, adder)) !== toHex(group)) continue;
    const other = await stuckGroup(core, tx, row, leftOut);
    return other === undefined ? undefined : { ...other, automatic: false };
  }
  return undefined;
}

/** The conversation goes on already; for a while, a successor that all who see both prefer takes the place of the other. */
function better(core: CoreContext, tx: Transaction, row: SuccessionRow, group: GroupId): Continuation | undefined {
  const record = conversationByRow(tx, row.conversation);
  if (record?.state !== "active" || row.data === undefined || core.clock.now() >= row.ends_at) return undefined;
  const known = succession.decode(row.data);
  if (rankOf(known, group) < 0 || rankOf(known, group) > rankOf(known, record.groupId)) return undefined;
  return { record, leftOut: offenderOf(tx, record.id), succession: known, automatic: true };
}

/** A Welcome to a successor that has lost against the one this conversation goes on in. */
export function isBeaten(core: CoreContext, tx: Transaction, group: Uint8Array): boolean {
  const own = core.account().identityKey;
  for (const row of tx.all<SuccessionRow>(
    "SELECT * FROM successions WHERE data IS NOT NULL AND ends_at > ?",
    core.clock.now(),
  )) {
    const record = conversationByRow(tx, row.conversation);
    if (record?.state !== "active" || row.data === undefined) continue;
    const known = succession.decode(row.data);
    const current = rankOf(known, record.groupId);
    // Who made the one that holds hears of the other: should nobody else have followed, it must not stay unseen.
    const maker = known.admins[current];
    if (maker !== undefined && toHex(maker) === toHex(own)) continue;
    if (current >= 0 && rankOf(known, group) > current) return true;
  }
  return false;
}

function rankOf({ candidates }: Succession, group: Uint8Array): number {
  return candidates.findIndex((one) => toHex(one) === toHex(group));
}

function holds(known: Succession, group: Uint8Array): boolean {
  return rankOf(known, group) >= 0;
}

/** The conversation now goes on in one of its successors. */
export function noteContinued(
  core: CoreContext,
  tx: Transaction,
  { record, succession: known, leftOut }: Continuation,
): void {
  tx.run(
    `UPDATE successions SET data = ?, offender = ?, due_at = 0, ends_at = CASE WHEN ends_at = 0 THEN ? ELSE ends_at END WHERE conversation = ?`,
    succession.encode(known),
    leftOut === undefined ? undefined : identityRow(tx, leftOut),
    core.clock.now() + CONTEST_MS,
    record.id,
  );
}

/** Who was in the group that this conversation went on from. */
export function memberOfPredecessor(
  tx: Transaction,
  conversation: ConversationRow,
  key: IdentityKey,
): "no" | "member" | "admin" {
  const row = successionRow(tx, conversation);
  if (row?.data === undefined) return "no";
  const { members, admins } = succession.decode(row.data);
  const is = (keys: readonly IdentityKey[]): boolean => keys.some((one) => toHex(one) === toHex(key));
  return is(admins) ? "admin" : is(members) ? "member" : "no";
}
