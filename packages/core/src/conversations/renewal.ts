import type { CoreContext } from "../context.ts";
import { addIntent } from "../sync/staged-commit.ts";
import type { Transaction } from "../vault/database.ts";

const MAX_AGE_MS = 7 * 86_400_000;
const MAX_SENT = 100;

/**
 * MLS heals from a copied device only when somebody commits: this device renews its keys with the first message after a
 * week, and after every hundred messages that it sends.
 */
export function noteSent(core: CoreContext, tx: Transaction, conversation: number, messages: number): void {
  tx.run("UPDATE conversations SET sent_since_renewal = sent_since_renewal + ? WHERE id = ?", messages, conversation);
  const row = tx.get<{ renewed_at: number; sent: number }>(
    "SELECT renewed_at, sent_since_renewal AS sent FROM conversations WHERE id = ?",
    conversation,
  );
  if (row === undefined || (row.sent <= MAX_SENT && core.clock.now() - row.renewed_at <= MAX_AGE_MS)) return;
  addIntent(tx, conversation, { type: "renew" });
  noteRenewed(core, tx, conversation);
}

/** A commit of ours was taken in, or is asked for: its path is fresh. */
export function noteRenewed(core: CoreContext, tx: Transaction, conversation: number): void {
  tx.run(
    "UPDATE conversations SET sent_since_renewal = 0, renewed_at = ? WHERE id = ?",
    core.clock.now(),
    conversation,
  );
}
