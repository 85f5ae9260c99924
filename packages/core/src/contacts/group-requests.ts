import { groupWelcome, joinState, toHex, WireError, type GroupWelcome } from "@stonechat/protocol";
import { conversationByGroup } from "../conversations/conversation-record.ts";
import type { Writing } from "../context.ts";
import { requestView } from "./request-rows.ts";

/**
 * A contact added us to a group. It waits in the requests until the user agrees; until then nothing of the group is
 * joined, read or answered. A blocked contact's is dropped.
 */
export function keepGroupRequest({ core, tx, afterwards }: Writing, adder: number, welcome: GroupWelcome): void {
  const contact = tx.get<{ blocked: number }>("SELECT blocked FROM contacts WHERE identity = ?", adder);
  if (contact?.blocked !== 0 || !core.transport.canReach(welcome.address.relayUrl)) return;
  const existing = conversationByGroup(tx, welcome.groupId);
  if (existing?.state === "active") return;
  const { name, members } = describe(welcome);
  tx.run("DELETE FROM requests WHERE type = 'group' AND group_id = ?", welcome.groupId);
  tx.run(
    "INSERT INTO requests (type, identity, name, data, group_id, member_count, received_at) VALUES ('group', ?, ?, ?, ?, ?, ?)",
    adder,
    name,
    groupWelcome.encode(welcome),
    welcome.groupId,
    members,
    core.clock.now(),
  );
  const request = requestView(tx, "group", adder, welcome.groupId);
  if (existing?.state === "broken" && request !== undefined) {
    // We asked for this ourselves, as the device that lost its place.
    afterwards.run(() => {
      core.rejoinGroup(request.id);
    });
    return;
  }
  if (request !== undefined) afterwards.emit({ type: "request", request });
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
