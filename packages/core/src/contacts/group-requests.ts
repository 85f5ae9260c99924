import { groupWelcome, joinState, toHex, WireError, type GroupWelcome, type IdentityKey } from "@stonechat/protocol";
import { conversationByGroup, type ConversationRecord } from "../conversations/conversation-record.ts";
import { findContinuation, isBeaten, offenderOf } from "../conversations/succession.ts";
import { identityKeyOf } from "../identity/identity-store.ts";
import type { Writing } from "../context.ts";
import type { Transaction } from "../vault/database.ts";
import { isExpectedFrom } from "../recovery/returning.ts";
import { requestView } from "./request-rows.ts";

/** Groups that one contact may have waiting for an answer. */
const MAX_REQUESTS_EACH = 20;

function isAdmin({ kind, settings }: ConversationRecord, key: IdentityKey): boolean {
  return kind === "group" && settings.admins.some((admin) => toHex(admin) === toHex(key));
}

/** Whoever made the commit that this device refused does not lead it back without its user. */
function hasOffended(tx: Transaction, { id }: ConversationRecord, key: IdentityKey): boolean {
  const offender = offenderOf(tx, id);
  return offender !== undefined && toHex(offender) === toHex(key);
}

/**
 * A contact added us to a group. It waits in the requests until the user agrees; until then nothing of the group is
 * joined, read or answered. A blocked contact's is dropped.
 */
export async function keepGroupRequest(writing: Writing, adder: number, welcome: GroupWelcome): Promise<void> {
  const { core, tx, afterwards } = writing;
  const contact = tx.get<{ blocked: number }>("SELECT blocked FROM contacts WHERE identity = ?", adder);
  if (contact?.blocked !== 0 || !core.transport.canReach(welcome.address.relayUrl)) return;
  const existing = conversationByGroup(tx, welcome.groupId);
  const early = existing?.state === "active";
  // An old Welcome, come again: the commit that it belongs to was taken in long ago.
  if (early && welcome.firstSeq <= existing.nextSeq) return;
  const key = identityKeyOf(tx, adder);
  const continuation = await findContinuation(core, tx, key, welcome.groupId);
  if (continuation === undefined && isBeaten(core, tx, welcome.groupId)) return;
  const { name, members } = describe(welcome);
  // Only the adder's own: another must not put one that leads nowhere in its place.
  tx.run("DELETE FROM requests WHERE type = 'group' AND group_id = ? AND identity = ?", welcome.groupId, adder);
  const waiting = tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM requests WHERE type = 'group' AND identity = ?",
    adder,
  );
  if ((waiting?.count ?? 0) >= MAX_REQUESTS_EACH) return;
  tx.run(
    "INSERT INTO requests (type, identity, name, data, group_id, member_count, received_at) VALUES ('group', ?, ?, ?, ?, ?, ?)",
    adder,
    name,
    groupWelcome.encode(welcome),
    welcome.groupId,
    members,
    core.clock.now(),
  );
  // Removed and added anew, and the removal has not reached us: it waits unseen for surfaceGroupRequest.
  if (early) return;
  const request = requestView(tx, "group", adder, welcome.groupId);
  const lost = existing?.state === "broken" && isAdmin(existing, key) && !hasOffended(tx, existing, key);
  const follows = continuation?.automatic === true;
  if (
    request !== undefined &&
    (follows || lost || (existing === undefined && isExpectedFrom(tx, welcome.groupId, key)))
  ) {
    // We asked for this ourselves, as the device that lost its place. Anybody else who answers has to ask the user.
    afterwards.run(() => {
      core.rejoinGroup(request.id);
    });
    return;
  }
  if (request !== undefined) afterwards.emit({ type: "request", request });
  afterwards.emit({ type: "requests-changed" });
}

/** This device was removed from a group by entry `removedAt`. If it was added anew since, the user is asked now. */
export function surfaceGroupRequest({ tx, afterwards }: Writing, groupId: Uint8Array, removedAt: number): void {
  const rows = tx.all<{ id: number; identity: number; data: Uint8Array }>(
    "SELECT id, identity, data FROM requests WHERE type = 'group' AND group_id = ? ORDER BY id",
    groupId,
  );
  if (rows.length === 0) return;
  for (const row of rows) {
    if (groupWelcome.decode(row.data).firstSeq <= removedAt) {
      tx.run("DELETE FROM requests WHERE id = ?", row.id);
      continue;
    }
    const request = requestView(tx, "group", row.identity, groupId);
    if (request !== undefined) afterwards.emit({ type: "request", request });
  }
  afterwards.emit({ type: "requests-changed" });
}

/** What the adder says of the group; believed only after joining. */
function describe(welcome: GroupWelcome): { readonly name: string; readonly members: number } {
  if (welcome.state.type === "blob") return { name: "", members: 0 };
  try {
    const state = joinState.decode(welcome.state.joinState);
    return {
      name: state.settings.name,
      members: new Set(state.names.map(({ identityKey }) => toHex(identityKey))).size,
    };
  } catch (error) {
    if (error instanceof WireError) return { name: "", members: 0 };
    throw error;
  }
}
