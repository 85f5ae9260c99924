import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import type { MessageView } from "@stonechat/core/client-api";
import { isExpired, partLeft, withoutExpired, withoutMessages } from "./expiry.ts";

const message = (id: string, more: Partial<MessageView> = {}): MessageView => ({
  id,
  conversationId: "c",
  fromId: "f",
  fromName: "Bea",
  fromSelf: false,
  sentAt: 0,
  receivedAt: 0,
  order: 0,
  body: { type: "text", text: `text of ${id}` },
  attachments: [],
  reactions: [],
  state: "received",
  canEdit: false,
  canDeleteForEveryone: false,
  ...more,
});

describe("messages whose time is over", () => {
  test.prop([fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }), { maxLength: 20 }), fc.nat(20)])(
    "are not in the list, and every other one is",
    (ends, now) => {
      const all = ends.map((end, index) =>
        message(String(index), end === undefined ? {} : { timerSeconds: 5, expiresAt: end }),
      );
      const left = withoutExpired(all, now);
      expect(left.map(({ id }) => id)).toEqual(
        all.filter((_, index) => !(Number(ends[index]) <= now)).map(({ id }) => id),
      );
    },
  );

  test("leave nothing of their words in what quotes them", () => {
    const quote = { id: "a", fromSelf: false, fromName: "Bea", preview: { type: "text", text: "secret" } } as const;
    const left = withoutExpired([message("a", { expiresAt: 10 }), message("b", { replyTo: quote })], 10);
    expect(JSON.stringify(left)).not.toContain("secret");
    expect(left[0]?.replyTo?.preview).toEqual({ type: "deleted" });
  });

  test("take along what is quoted of them also when they are not in the list any more", () => {
    const quote = { id: "a", fromSelf: false, fromName: "Bea", preview: { type: "text", text: "secret" } } as const;
    const left = withoutMessages([message("b", { replyTo: quote }), message("c")], new Set(["a"]));
    expect(left.map(({ id }) => id)).toEqual(["b", "c"]);
    expect(JSON.stringify(left)).not.toContain("secret");
  });

  test("do not disturb a list that holds none", () => {
    const all = [message("a", { expiresAt: 11 }), message("b")];
    expect(withoutExpired(all, 10)).toBe(all);
  });
});

describe("the countdown", () => {
  test("waits in full until the message was read", () => {
    expect(partLeft(message("a", { timerSeconds: 30 }), 1_000_000)).toBe(1);
  });

  test("empties, and neither a clock set back nor one set forward leaves its bounds", () => {
    const running = message("a", { timerSeconds: 10, expiresAt: 20_000 });
    expect(partLeft(running, 15_000)).toBe(0.5);
    expect(partLeft(running, 0)).toBe(1);
    expect(partLeft(running, 99_000)).toBe(0);
    expect(isExpired(running, 20_000)).toBe(true);
    expect(isExpired(running, 19_999)).toBe(false);
  });
});
