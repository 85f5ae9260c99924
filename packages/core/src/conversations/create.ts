import type { ConversationSettings, GroupId, LogId } from "@stonechat/protocol";
import { toHex } from "@stonechat/protocol";
import type { Afterwards, CoreContext } from "../context.ts";
import { insertNotice } from "../content/notices.ts";
import { toDeviceKeys } from "../identity/account.ts";
import { heldList, identityRow } from "../identity/identity-store.ts";
import type { Transaction } from "../vault/database.ts";
import { conversationByRow, insertConversation, type ConversationRecord } from "./conversation-record.ts";
import { enterEpoch, toEpochMembers } from "./epoch.ts";

/**
 * Makes a conversation of this device alone, with its log still to be made at the relay. Others are added by an intent.
 */
export async function createConversation(
  core: CoreContext,
  tx: Transaction,
  afterwards: Afterwards,
  input: { readonly settings: ConversationSettings; readonly groupId?: GroupId },
): Promise<ConversationRecord> {
  const account = core.account();
  const groupId = input.groupId ?? (core.random.bytes(32) as GroupId);
  const step = await core.mls.createGroup({ groupId, device: toDeviceKeys(account) });
  const id = insertConversation(tx, {
    groupId,
    kind: input.settings.kind,
    relayUrl: account.relayUrl,
    logId: core.random.bytes(32) as LogId,
    logMade: false,
    settings: input.settings,
    nextSeq: 0,
    activityAt: core.clock.now(),
  });
  const record = conversationByRow(tx, id);
  if (record === undefined) throw new RangeError("the conversation was not stored");
  const own = heldList(tx, identityRow(tx, account.identityKey));
  const entered = await enterEpoch(
    tx,
    record,
    step.group,
    step.changes,
    input.settings,
    toEpochMembers(step.group, () => own),
  );
  if (input.settings.kind === "group")
    insertNotice(tx, core.random, id, -1, core.clock.now(), { type: "created", byName: account.name });
  afterwards.emit({ type: "conversations-changed" });
  afterwards.emit({ type: "messages-changed", conversationId: toHex(groupId), messageIds: [] });
  afterwards.run(() => {
    core.wakeConversation(id);
  });
  return entered;
}
