import { write, type CoreContext } from "../context.ts";
import { ordOf } from "../content/message-rows.ts";
import { setConversationState } from "../conversations/conversation-record.ts";
import { addNotice, breakConversation } from "./receive.ts";
import type { Runner } from "./runner.ts";

const RETRY_MS = 60_000;

/**
 * The relay knows neither log nor token, or no longer holds what comes next. A log that it had acknowledged and does not
 * know any more was lost or rolled back; after too long an absence commits have expired. Either way this device cannot
 * follow any longer, and says so.
 */
export async function handleRefusal(core: CoreContext, runner: Runner, refusal: "unknown" | "expired"): Promise<void> {
  const snapshot = await write(core, async (tx, afterwards) => {
    const current = await runner.snapshot(tx);
    const receiving = { core, tx, afterwards, runner };
    const ord = ordOf(current.record.nextSeq);
    const mark = (): void => {
      setConversationState(tx, runner.row, "broken");
      // The place is used by the alarm; a conversation that is broken takes nothing more in.
    };
    if (refusal === "expired") addNotice(receiving, ord + 1, { type: "missing", count: 1, reason: "expired" });
    return breakConversation(receiving, current, ord, refusal === "expired" ? "bad-commit" : "relay-rollback", mark);
  });
  runner.adopt(snapshot);
}
