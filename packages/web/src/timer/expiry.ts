import type { Instant, MessageId, MessageView } from "@stonechat/core/client-api";

/** Whether a message's time is over. What is over is never shown, whatever the list still holds. */
export function isExpired({ expiresAt }: Pick<MessageView, "expiresAt">, now: Instant): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/**
 * `messages` without those whose time is over, and without what others quote of them. The same array if nothing of it
 * has to go.
 */
export function withoutExpired(messages: readonly MessageView[], now: Instant): readonly MessageView[] {
  const expired = new Set(messages.filter((message) => isExpired(message, now)).map(({ id }) => id));
  return withoutMessages(messages, expired);
}

/** `messages` without those of `gone`, and without what others quote of them. The same array if `gone` is empty. */
export function withoutMessages(
  messages: readonly MessageView[],
  gone: ReadonlySet<MessageId>,
): readonly MessageView[] {
  if (gone.size === 0) return messages;
  return messages
    .filter(({ id }) => !gone.has(id))
    .map((message) => {
      if (message.replyTo === undefined || !gone.has(message.replyTo.id)) return message;
      return {
        ...message,
        replyTo: { id: message.replyTo.id, fromSelf: false, fromName: "", preview: { type: "deleted" } },
      };
    });
}

/** How much of a message's time is left: 1 until its countdown runs, 0 when it is over. */
export function partLeft({ timerSeconds, expiresAt }: MessageView, now: Instant): number {
  if (timerSeconds === undefined || timerSeconds === 0 || expiresAt === undefined) return 1;
  return Math.min(1, Math.max(0, (expiresAt - now) / (timerSeconds * 1_000)));
}
