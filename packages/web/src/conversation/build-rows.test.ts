import type { MessageView } from "@stonechat/core/client-api";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { buildRows } from "./build-rows.ts";

const NOON = new Date(2026, 4, 11, 12, 0, 0).getTime();
const DAY_MS = 86_400_000;

function message(id: string, fromId: string, sentAt: number, body?: MessageView["body"]): MessageView {
  return {
    id,
    conversationId: "c",
    fromId,
    fromName: fromId,
    fromSelf: fromId === "me",
    sentAt,
    receivedAt: sentAt,
    order: sentAt,
    body: body ?? { type: "text", text: id },
    attachments: [],
    reactions: [],
    state: "received",
    canEdit: false,
    canDeleteForEveryone: false,
  };
}

const shape = (messages: readonly MessageView[], unread?: string): readonly string[] =>
  buildRows(messages, unread).map((row) =>
    row.type === "message" ? `${row.message.id}${row.first ? "(" : "-"}${row.last ? ")" : "-"}` : row.type,
  );

describe("buildRows", () => {
  test("puts a separator before each day's first message", () => {
    expect(shape([message("a", "x", NOON - DAY_MS), message("b", "x", NOON), message("c", "x", NOON + 5)])).toEqual([
      "day",
      "a()",
      "day",
      "b(-",
      "c-)",
    ]);
  });

  test("groups one sender's messages of a minute", () => {
    const rows = shape([
      message("a", "x", NOON),
      message("b", "x", NOON + 30_000),
      message("c", "x", NOON + 95_000),
      message("d", "me", NOON + 96_000),
    ]);
    expect(rows).toEqual(["day", "a(-", "b-)", "c()", "d()"]);
  });

  test("puts the line above the first unread message, and never inside a group", () => {
    expect(shape([message("a", "x", NOON), message("b", "x", NOON + 1)], "b")).toEqual(["day", "a()", "new", "b()"]);
  });

  test("a notice ends a group", () => {
    const notice = message("n", "x", NOON + 1, { type: "notice", notice: { type: "created", byName: "x" } });
    expect(shape([message("a", "x", NOON), notice, message("b", "x", NOON + 2)])).toEqual([
      "day",
      "a()",
      "notice",
      "b()",
    ]);
  });

  test.prop([fc.array(fc.tuple(fc.constantFrom("me", "x", "y"), fc.nat({ max: 200_000 })), { maxLength: 30 })])(
    "keeps every message once and in order, under keys that all differ",
    (steps) => {
      let at = NOON;
      const messages = steps.map(([from, wait], index) => message(`m${String(index)}`, from, (at += wait)));
      const rows = buildRows(messages, "m3");
      expect(rows.flatMap((row) => (row.type === "message" ? [row.message.id] : []))).toEqual(
        messages.map(({ id }) => id),
      );
      expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
    },
  );
});
