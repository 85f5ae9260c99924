import { describe, expect, test } from "vitest";
import type { ClientEvent, MessageView } from "@stonechat/core/client-api";
import { deservesNotice } from "./notification.ts";

const view = (more: Partial<MessageView>): MessageView => ({
  id: "1",
  conversationId: "c",
  fromId: "f",
  fromName: "Bea",
  fromSelf: false,
  sentAt: 0,
  receivedAt: 0,
  order: 0,
  body: { type: "text", text: "secret" },
  attachments: [],
  reactions: [],
  state: "received",
  canEdit: false,
  canDeleteForEveryone: false,
  ...more,
});
const message = (more: Partial<MessageView> = {}): ClientEvent => ({
  type: "message",
  message: view(more),
  conversationName: "Bea",
});

describe("a notification", () => {
  test("is shown for every kind of message that somebody wrote, while the app is not in front", () => {
    const kinds: readonly Partial<MessageView>[] = [
      {},
      { viewOnce: "unopened" },
      { timerSeconds: 30 },
      { body: { type: "unsupported" } },
    ];
    for (const kind of kinds) {
      expect(deservesNotice(message(kind), false)).toBe(true);
      expect(deservesNotice(message(kind), true)).toBe(false);
    }
  });

  test("is not shown for what oneself wrote, nor for what nobody wrote", () => {
    expect(deservesNotice(message({ fromSelf: true }), false)).toBe(false);
    const notice = { type: "timer-changed", byName: "Bea", seconds: 30 } as const;
    expect(deservesNotice(message({ body: { type: "notice", notice } }), false)).toBe(false);
    expect(deservesNotice({ type: "messages-changed", conversationId: "c", messageIds: [] }, false)).toBe(false);
  });

  test("is shown when somebody asks to connect", () => {
    const request = {
      type: "contact",
      id: "r",
      accountId: "a",
      name: "Bea",
      receivedAt: 0,
      inviteCreatedAt: 0,
    } as const;
    expect(deservesNotice({ type: "request", request }, false)).toBe(true);
    const sent = { type: "sent", id: "r", accountId: "a", sentAt: 0 } as const;
    expect(deservesNotice({ type: "request", request: sent }, false)).toBe(false);
  });
});
