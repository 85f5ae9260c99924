import type { AttachmentView, MessageId, MessageView } from "@stonechat/core/client-api";

/** Joins two sets of messages: newer views replace older ones of the same id; sorted as every device sorts them. */
export function mergeMessages(kept: readonly MessageView[], newer: readonly MessageView[]): readonly MessageView[] {
  if (newer.length === 0) return kept;
  const byId = new Map(kept.map((message) => [message.id, message]));
  for (const message of newer) byId.set(message.id, message);
  return [...byId.values()].sort((a, b) => a.order - b.order);
}

/** Puts a newer view of one attachment into the message that carries it. */
export function replaceAttachment(
  kept: readonly MessageView[],
  messageId: MessageId,
  attachment: AttachmentView,
): readonly MessageView[] {
  return kept.map((message) => {
    if (message.id !== messageId) return message;
    return { ...message, attachments: message.attachments.map((one) => (one.id === attachment.id ? attachment : one)) };
  });
}
