import { write, type CoreContext } from "../context.ts";
import { ordOf } from "../content/message-rows.ts";
import { addNotice, breakConversation } from "./receiving.ts";
import type { Runner } from "./runner.ts";
import type { Refusal } from "./subscriptions.ts";

/**
 * The relay does not know the log, has forgotten part of it, or no longer holds what comes next. A log that it had
 * acknowledged and then forgot was lost or put back to an earlier state; after too long an absence commits have expired.
 * Either way this device cannot follow any longer, and says so.
 */
export async function handleRefusal(core: CoreContext, runner: Runner, refusal: Refusal): Promise<void> {
  const snapshot = await write(core, async (tx, afterwards) => {
    const current = await runner.snapshot(tx);
    if (current.record.state !== "active") return current;
    const receiving = { core, tx, afterwards, runner };
    // Before the next entry, which may still come if this device is added anew.
    const ord = ordOf(current.record.nextSeq) - 1;
    if (refusal !== "expired") return breakConversation(receiving, current, ord, "relay-rollback");
    addNotice(receiving, ord, { type: "missing", count: 1, reason: "expired" });
    return breakConversation(receiving, current, ord, undefined);
  });
  runner.adopt(snapshot);
}
