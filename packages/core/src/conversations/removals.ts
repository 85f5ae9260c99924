import { toHex } from "@stonechat/protocol";
import { identityKeyOf } from "../identity/identity-store.ts";
import { addIntent } from "../sync/staged-commit.ts";
import { write, type CoreContext, type Writing } from "../context.ts";
import { conversationByRow, type ConversationRecord } from "./conversation-record.ts";

const RANK_DELAY_MS = 3_000;

/**
 * Somebody asked to leave. Any member may remove him; that not all try at once, each waits by its rank in the tree and
 * does nothing if somebody was faster.
 */
export function scheduleRemovals({ core, tx, afterwards }: Writing, record: ConversationRecord): void {
  const own = toHex(core.account().identityKey);
  const members = tx.all<{ key: Uint8Array; leaving: number }>(
    "SELECT i.key AS key, m.leaving AS leaving FROM conversation_members m JOIN identities i ON i.id = m.identity WHERE m.conversation = ?",
    record.id,
  );
  const staying = members
    .filter(({ leaving }) => leaving === 0)
    .map(({ key }) => toHex(key))
    .sort();
  const rank = staying.indexOf(own);
  if (rank < 0) return;
  afterwards.run(() => {
    core.clock.setTimer(rank * RANK_DELAY_MS + 1, () => {
      if (core.started) removeLeavers(core, record.id).catch(core.report);
    });
  });
}

async function removeLeavers(core: CoreContext, conversation: number): Promise<void> {
  await write(core, (tx, afterwards) => {
    const leavers = tx.all<{ identity: number }>(
      "SELECT identity FROM conversation_members WHERE conversation = ? AND leaving = 1",
      conversation,
    );
    if (leavers.length === 0) return;
    addIntent(tx, conversation, {
      type: "remove",
      identityKeys: leavers.map(({ identity }) => identityKeyOf(tx, identity)),
    });
    afterwards.run(() => {
      core.wakeConversation(conversation);
    });
  });
}

/** After a start: those who asked to leave while nobody was there to remove them. */
export async function resumeRemovals(core: CoreContext): Promise<void> {
  await write(core, (tx, afterwards) => {
    const waiting = tx.all<{ conversation: number }>(
      "SELECT DISTINCT m.conversation AS conversation FROM conversation_members m JOIN conversations c ON c.id = m.conversation WHERE m.leaving = 1 AND c.kind = 'group' AND c.state = 'active'",
    );
    for (const { conversation } of waiting) {
      const record = conversationByRow(tx, conversation);
      if (record !== undefined) scheduleRemovals({ core, tx, afterwards }, record);
    }
  });
}
