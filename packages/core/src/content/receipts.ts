import type { MessageId } from "@stonechat/protocol";
import { write, type CoreContext } from "../context.ts";
import type { ConversationRecord } from "../conversations/conversation-record.ts";
import type { Timer } from "../ports/clock.ts";
import { enqueue } from "../sync/outbox.ts";
import type { Transaction } from "../vault/database.ts";

/** In larger groups nobody sends receipts: they would outnumber the messages. */
const MAX_MEMBERS_FOR_RECEIPTS = 20;
const MAX_IN_ONE = 500;
const FIRST_DELAY_MS = 400;
const JITTER_MS = 1_600;

/** Notes that a message's sender is to learn of it. Sent later, together with others, at a random moment. */
export function oweReceipt(
  tx: Transaction,
  record: ConversationRecord,
  messageId: MessageId,
  state: "delivered" | "read",
): void {
  if (record.kind === "own") return;
  const members = tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM conversation_members WHERE conversation = ?",
    record.id,
  );
  if ((members?.count ?? 0) > MAX_MEMBERS_FOR_RECEIPTS) return;
  const blocked = tx.get("SELECT 1 AS one FROM contacts WHERE conversation = ? AND blocked = 1", record.id);
  if (blocked !== undefined) return;
  tx.run(
    "INSERT INTO receipts_due (conversation, message_id, state) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    record.id,
    messageId,
    state,
  );
  // Read says delivered, too.
  if (state === "read")
    tx.run(
      "DELETE FROM receipts_due WHERE conversation = ? AND message_id = ? AND state = 'delivered'",
      record.id,
      messageId,
    );
}

/**
 * Sends receipts in batches and with a random delay, so that they say little about when a screen was looked at. They are
 * never an answer to strangers: only conversations that this side agreed to have members who could get one.
 */
export class ReceiptSender {
  readonly #core: CoreContext;
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(core: CoreContext) {
    this.#core = core;
  }

  /** Something may be owed; sends it in a little while. */
  wake(): void {
    if (this.#timer !== undefined) return;
    const [byte = 0] = this.#core.random.bytes(1);
    this.#timer = this.#core.clock.setTimer(FIRST_DELAY_MS + (byte / 256) * JITTER_MS, () => {
      this.#timer = undefined;
      this.#flushing = this.flush().catch(this.#core.report);
    });
  }

  /** After {@link stop}: resolves when nothing is being written. */
  finished(): Promise<void> {
    return this.#flushing;
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Sends all that is owed now. */
  async flush(): Promise<void> {
    await write(this.#core, (tx, afterwards) => {
      const owed = tx.all<{ conversation: number; state: string }>(
        "SELECT DISTINCT r.conversation AS conversation, r.state AS state FROM receipts_due r JOIN conversations c ON c.id = r.conversation WHERE c.state = 'active'",
      );
      for (const { conversation, state } of owed) {
        const rows = tx.all<{ message_id: Uint8Array }>(
          "SELECT message_id FROM receipts_due WHERE conversation = ? AND state = ? LIMIT ?",
          conversation,
          state,
          MAX_IN_ONE,
        );
        // The ids were stored by us, with the brand they came with.
        const messageIds = rows.map(({ message_id }) => message_id as MessageId);
        const body = { type: "receipt", state: state === "read" ? "read" : "delivered", messageIds } as const;
        enqueue(tx, this.#core.random, conversation, { sentAt: this.#core.clock.now(), body });
        for (const id of messageIds)
          tx.run(
            "DELETE FROM receipts_due WHERE conversation = ? AND message_id = ? AND state = ?",
            conversation,
            id,
            state,
          );
        afterwards.run(() => {
          this.#core.wakeConversation(conversation);
        });
      }
    });
  }
}
