import type { ClientEvent } from "@stonechat/core/client-api";

/**
 * Whether something that happened is worth a notification. What it shows is the same for every message: systems keep the
 * text of notifications, and others see them over a shoulder.
 */
export function deservesNotice(event: ClientEvent, inFront: boolean): boolean {
  if (inFront) return false;
  switch (event.type) {
    case "message":
      return !event.message.fromSelf && event.message.body.type !== "notice";
    case "request":
      return event.request.type !== "sent";
    default:
      return false;
  }
}
