import { write, type CoreContext } from "../context.ts";
import { conversationByRow } from "../conversations/conversation-record.ts";
import { placeOf } from "../content/message-rows.ts";
import { SUSPECTED } from "./put-back.ts";
import { addNotice, breakConversation } from "./receiving.ts";
import type { Runner } from "./runner.ts";
import { notePutBack } from "./runs.ts";
import type { Refusal } from "./subscriptions.ts";

/**
 * The relay does not know the log, has forgotten part of it, or no longer holds what comes next. A log that ends before
 * what it had given us was put back, whatever the relay tells of its runs; so may one be that it does not know. Both are
 * compared first. After too long an absence commits have expired: this device cannot follow any longer, and says so.
 */
export async function handleRefusal(core: CoreContext, runner: Runner, refusal: Refusal): Promise<void> {
  const snapshot = await write(core, async (tx, afterwards) => {
    const current = await runner.snapshot(tx);
    if (current.record.state !== "active") return current;
    const receiving = { core, tx, afterwards, runner };
    // Before the next entry, which may still come if this device is added anew.
    const ord = placeOf(current.record, current.record.nextSeq) - 1;
    if (refusal === "rolled-back") notePutBack(receiving, runner.relayUrl, undefined);
    // Without any other sign of a put-back nobody is waited for: most often this device was away for too long.
    else if (refusal === "unknown")
      tx.run("UPDATE conversations SET compare_since = ? WHERE id = ?", SUSPECTED, runner.row);
    if (refusal !== "expired") return { ...current, record: conversationByRow(tx, runner.row) ?? current.record };
    addNotice(receiving, ord, { type: "missing", count: 1, reason: "expired" });
    return breakConversation(receiving, current, ord, undefined);
  });
  runner.adopt(snapshot);
  runner.wake();
}
