import { toHex, type ConversationSettings, type IdentityKey, type LogId } from "@stonechat/protocol";
import { write, type CoreContext, type Writing } from "../context.ts";
import { toDeviceKeys } from "../identity/account.ts";
import { heldList, identityKeyOf, identityRow } from "../identity/identity-store.ts";
import { addIntent, MAX_ADDED_AT_ONCE } from "../sync/staged-commit.ts";
import { conversationByRow, type ConversationRecord, type ConversationRow } from "./conversation-record.ts";
import { moveToSuccessor, resumeIntents, tellContinued } from "./continue.ts";
import { enterEpoch, toEpochMembers } from "./epoch.ts";
import { findContinuation, stuckGroup, successionRow, type Continuation, type SuccessionRow } from "./succession.ts";

/** So long an admin who could follow has to take us back into a group that is well but for us. */
const PATIENCE_MS = 2_000;
/** One admin after the other, that not all make a successor at once. */
const RANK_DELAY_MS = 1_000;
const RETRY_MS = 10_000;

/**
 * This device just refused a commit whose maker is known. If it is an admin's, it makes a successor without the maker, in
 * a while: unless it was taken back by then, or another admin was faster.
 */
export function scheduleSuccessor(
  { core, tx, afterwards }: Writing,
  record: ConversationRecord,
  offender: IdentityKey,
): void {
  const own = toHex(core.account().identityKey);
  const rank = record.settings.admins
    .filter((key) => toHex(key) !== toHex(offender))
    .findIndex((key) => toHex(key) === own);
  const others = tx.get(
    "SELECT 1 AS one FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ? AND m.leaving = 0 AND i.key NOT IN (?, ?)",
    record.id,
    core.account().identityKey,
    offender,
  );
  if (own === toHex(offender) || rank < 0 || others === undefined) return;
  const delay = PATIENCE_MS + rank * RANK_DELAY_MS;
  tx.run("UPDATE successions SET due_at = ? WHERE conversation = ?", core.clock.now() + delay, record.id);
  afterwards.run(() => {
    makeLater(core, record.id, delay);
  });
}

function makeLater(core: CoreContext, conversation: ConversationRow, delayMs: number): void {
  core.clock.setTimer(delayMs, () => {
    if (!core.started) return;
    makeIfDue(core, conversation).catch((error: unknown) => {
      core.report(error);
      // Nothing of it was kept, for want of space perhaps.
      makeLater(core, conversation, RETRY_MS);
    });
  });
}

function makeIfDue(core: CoreContext, conversation: ConversationRow): Promise<void> {
  return core.inConversation(conversation, () =>
    write(core, async (tx, afterwards) => {
      const row = successionRow(tx, conversation);
      if (row?.offender === undefined || row.due_at === 0) return;
      const stuck = await stuckGroup(core, tx, row, identityKeyOf(tx, row.offender));
      if (stuck !== undefined) await makeSuccessor({ core, tx, afterwards }, stuck);
    }),
  );
}

/** After a start: what was due, and Welcomes that came meanwhile. */
export async function resumeSuccessions(core: CoreContext): Promise<void> {
  const rows = await core.db.transaction((tx) =>
    tx.all<SuccessionRow>("SELECT * FROM successions WHERE data IS NULL AND offender IS NOT NULL"),
  );
  for (const { conversation, due_at: dueAt } of rows) {
    if (dueAt > 0) makeLater(core, conversation, Math.max(1, Math.min(dueAt - core.clock.now(), PATIENCE_MS)));
    await followWelcome(core, conversation);
  }
}

/** The Welcome may have come before the commit that this device refused. */
export async function followWelcome(core: CoreContext, conversation: ConversationRow): Promise<void> {
  await write(core, async (tx, afterwards) => {
    const requests = tx.all<{ id: number; identity: number; group_id: Uint8Array }>(
      "SELECT id, identity, group_id FROM requests WHERE type = 'group' ORDER BY id",
    );
    for (const { id, identity, group_id: groupId } of requests) {
      const found = await findContinuation(
        core,
        tx,
        identityKeyOf(tx, identity),
        groupId as Continuation["record"]["groupId"],
      );
      if (found?.automatic !== true || found.record.id !== conversation) continue;
      afterwards.run(() => {
        core.rejoinGroup(String(id));
      });
    }
  });
}

/** Makes the successor: one transaction, then everything goes on as with any new group, also after a crash. */
export async function makeSuccessor(
  writing: Writing,
  continuation: Continuation,
): Promise<ConversationRecord | undefined> {
  const { core, tx } = writing;
  const { record, succession, leftOut } = continuation;
  const account = core.account();
  const own = toHex(account.identityKey);
  const rank = succession.admins.findIndex((key) => toHex(key) === own);
  const groupId = succession.candidates[rank];
  const others = succession.members.filter((key) => toHex(key) !== own);
  if (groupId === undefined || others.length === 0) return undefined;
  const step = await core.mls.createGroup({ groupId, device: toDeviceKeys(account) });
  const intents = moveToSuccessor(writing, continuation, {
    groupId,
    relayUrl: account.relayUrl,
    logId: core.random.bytes(32) as LogId,
    logMade: false,
    nextSeq: 0,
  });
  const moved = conversationByRow(tx, record.id);
  const list = heldList(tx, identityRow(tx, account.identityKey));
  if (moved === undefined) throw new RangeError("the conversation is gone");
  const settings: ConversationSettings = { ...record.settings, admins: [account.identityKey] };
  const made = await enterEpoch(
    tx,
    moved,
    step.group,
    step.changes,
    settings,
    toEpochMembers(step.group, () => list),
  );
  for (let at = 0; at < others.length; at += MAX_ADDED_AT_ONCE) {
    const accounts = others
      .slice(at, at + MAX_ADDED_AT_ONCE)
      .map((identityKey) => ({ identityKey, keyPackages: [], via: { type: "direct" } }) as const);
    addIntent(tx, record.id, { type: "add-again", accounts, admins: succession.admins });
  }
  resumeIntents(tx, continuation, intents);
  tellContinued(writing, record, made, account.identityKey, leftOut);
  return made;
}
