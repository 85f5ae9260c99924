import { MAX_TIMER_SECONDS } from "../client-views.ts";
import type { CoreContext } from "../context.ts";
import type { ConversationRow } from "../conversations/conversation-record.ts";
import type { Transaction } from "../vault/database.ts";

const DAY_SECONDS = 86_400;
/** How long a disappearing message lies at the relay for devices to fetch it, and in the outbox of one that cannot send. */
export const DELIVERY_WINDOW_SECONDS = 14 * DAY_SECONDS;
const RETENTION_SECONDS = 30 * DAY_SECONDS;

type Counting = Pick<CoreContext, "counted">;

/** The timer that counts when several apply: the shortest. 0, and nothing, stand for none. */
export function shortestTimer(...timers: readonly (number | undefined)[]): number {
  const set = timers.filter((seconds) => seconds !== undefined && seconds > 0) as readonly number[];
  return set.length === 0 ? 0 : Math.min(MAX_TIMER_SECONDS, ...set);
}

/**
 * For how long the relay keeps an entry or a blob of a message with this timer: never longer than timer and delivery
 * window. One of two values, so that it does not tell the timer.
 */
export function relayTtlSeconds(timerSeconds: number): number {
  const longer = timerSeconds === 0 || timerSeconds + DELIVERY_WINDOW_SECONDS >= RETENTION_SECONDS;
  return longer ? RETENTION_SECONDS : DELIVERY_WINDOW_SECONDS;
}

/** When a message with this timer that is written now and cannot be sent is given up, in counted time; undefined: never. */
export function giveUpAt({ counted }: Counting, tx: Transaction, timerSeconds: number): number | undefined {
  if (timerSeconds === 0) return undefined;
  counted.saveTime(tx);
  return counted.now + (timerSeconds + DELIVERY_WINDOW_SECONDS) * 1000;
}

/** The relay has an own message: from now on it counts down here. */
export function countFromSending({ counted }: Counting, tx: Transaction, message: number): void {
  const begun = tx.run(
    `UPDATE messages SET expires_at = min(coalesce(expires_at, ?2 + timer_seconds * 1000), ?2 + timer_seconds * 1000)
     WHERE id = ?1 AND timer_seconds > 0`,
    message,
    counted.now,
  );
  if (begun > 0) counted.saveTime(tx);
}

/**
 * When a message that another device of this account wrote disappears here, in counted time; undefined: never. A time of
 * writing that is yet to come counts as now.
 */
export function countFromWriting(
  { counted, clock }: Counting & Pick<CoreContext, "clock">,
  tx: Transaction,
  timerSeconds: number,
  sentAt: number,
): number | undefined {
  if (timerSeconds === 0) return undefined;
  counted.saveTime(tx);
  return counted.now - Math.max(0, clock.now() - sentAt) + timerSeconds * 1000;
}

/** What others wrote up to `ord` was on screen: it counts down, unless it does already. @returns Whether any begins. */
export function countFromReading(
  { counted }: Counting,
  tx: Transaction,
  conversation: ConversationRow,
  ord: number,
  ownRow: number,
): boolean {
  const begun = tx.run(
    `UPDATE messages SET expires_at = ? + timer_seconds * 1000
     WHERE conversation = ? AND ord <= ? AND timer_seconds > 0 AND expires_at IS NULL AND sender <> ?`,
    counted.now,
    conversation,
    ord,
    ownRow,
  );
  if (begun > 0) counted.saveTime(tx);
  return begun > 0;
}
