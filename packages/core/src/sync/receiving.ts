import { toHex, type IdentityKey } from "@stonechat/protocol";
import type { AlarmType } from "../client-api.ts";
import { insertNotice } from "../content/notices.ts";
import type { Writing } from "../context.ts";
import { setConversationState } from "../conversations/conversation-record.ts";
import { askToRejoin } from "../conversations/rejoin.ts";
import { noteStuck } from "../conversations/succession.ts";
import { followWelcome, scheduleSuccessor } from "../conversations/successor.ts";
import type { Runner, Snapshot } from "./runner.ts";

/** What all steps of taking in one entry share. */
export interface Receiving extends Writing {
  readonly runner: Runner;
}

/**
 * Stops following a conversation, loudly, and asks the group's admins among our contacts to add this device anew.
 *
 * @param offender - Who made the commit that nobody can follow, if it is sure that it was he. The group goes on without him.
 */
export function breakConversation(
  receiving: Receiving,
  snapshot: Snapshot,
  ord: number,
  alarm: AlarmType | undefined,
  offender?: IdentityKey,
): Snapshot {
  const { core, tx, runner, afterwards } = receiving;
  if (alarm !== undefined) {
    addNotice(receiving, ord, { type: "alarm", alarm });
    afterwards.emit({ type: "alarm", alarm, conversationId: toHex(snapshot.record.groupId) });
  }
  afterwards.emit({ type: "conversations-changed" });
  setConversationState(tx, runner.row, "broken");
  const { record } = snapshot;
  if (record.kind === "group" && alarm !== undefined) noteStuck(tx, record, offender);
  askToRejoin(receiving, record);
  if (record.kind === "group" && offender !== undefined) {
    scheduleSuccessor(receiving, record, offender);
    afterwards.run(() => {
      followWelcome(core, record.id).catch(core.report);
    });
  }
  return { ...snapshot, record: { ...record, state: "broken" } };
}

export function addNotice(receiving: Receiving, ord: number, notice: Parameters<typeof insertNotice>[5]): void {
  const { core, tx, afterwards, runner } = receiving;
  const id = insertNotice(tx, core.random, runner.row, ord, core.clock.now(), notice);
  afterwards.emit({ type: "messages-changed", conversationId: toHex(runner.record.groupId), messageIds: [toHex(id)] });
  afterwards.emit({ type: "conversations-changed" });
}
