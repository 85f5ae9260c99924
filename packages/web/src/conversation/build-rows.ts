import type { MessageId, MessageView } from "@stonechat/core/client-api";
import { daysBetween } from "../locales/format.ts";

/** One line of the message list. `first` and `last` say where a message stands among its neighbours of one sender. */
export type MessageRow =
  | { readonly type: "day"; readonly key: string; readonly at: number }
  | { readonly type: "new"; readonly key: string }
  /** Above the oldest message, once it is there. */
  | { readonly type: "beginning"; readonly key: string }
  | { readonly type: "notice"; readonly key: string; readonly message: MessageView }
  | {
      readonly type: "message";
      readonly key: string;
      readonly message: MessageView;
      readonly first: boolean;
      readonly last: boolean;
    };

/** Messages of one sender no further apart than this stand together. */
export const GROUP_MS = 60_000;

/** Puts day separators, the line above the first unread message, and groups into a list of messages (oldest first). */
export function buildRows(
  messages: readonly MessageView[],
  firstUnreadId: MessageId | undefined,
): readonly MessageRow[] {
  const rows: MessageRow[] = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    const after = messages[index + 1];
    if (before === undefined || daysBetween(before.sentAt, message.sentAt) !== 0) {
      rows.push({ type: "day", key: `day-${message.id}`, at: message.sentAt });
    }
    if (message.id === firstUnreadId) rows.push({ type: "new", key: "new" });
    if (message.body.type === "notice") {
      rows.push({ type: "notice", key: message.id, message });
      return;
    }
    const first = before === undefined || message.id === firstUnreadId || !isTogether(before, message);
    const last = after === undefined || after.id === firstUnreadId || !isTogether(message, after);
    rows.push({ type: "message", key: message.id, message, first, last });
  });
  return rows;
}

function isTogether(before: MessageView, after: MessageView): boolean {
  if (before.body.type === "notice" || after.body.type === "notice") return false;
  if (before.fromId !== after.fromId || before.fromSelf !== after.fromSelf) return false;
  return Math.abs(after.sentAt - before.sentAt) <= GROUP_MS && daysBetween(before.sentAt, after.sentAt) === 0;
}
