import type { IdentityKey } from "@stonechat/protocol";
import { WireError, type GroupId, type LogId } from "@stonechat/protocol";
import { MemoryBlockFiles } from "@stonechat/testkit/memory-block-files";
import { repeatableRandom } from "@stonechat/testkit/repeatable-random";
import { testSqlite } from "@stonechat/testkit/test-sqlite";
import { expect, test } from "vitest";
import type { Notice } from "../client-api.ts";
import { insertConversation } from "../conversations/conversation-record.ts";
import { openDatabase } from "../vault/database.ts";
import { MIGRATIONS } from "../vault/schema.ts";
import { decodeNotice, insertNotice } from "./notices.ts";

/** One of each; the type asks for all of them. */
const NOTICES: { readonly [T in Notice["type"]]: Extract<Notice, { readonly type: T }> } = {
  created: { type: "created", byName: "Ada" },
  "member-added": { type: "member-added", byName: "Ada", names: ["Bea", "سارة"] },
  "member-removed": { type: "member-removed", byName: "Ada", names: ["Bea"] },
  "member-left": { type: "member-left", names: ["Bea"] },
  renamed: { type: "renamed", byName: "Ada", name: "Crew" },
  "timer-changed": { type: "timer-changed", byName: "Ada", seconds: 3600 },
  "role-changed": { type: "role-changed", byName: "Ada", names: ["Bea"], role: "admin" },
  "devices-changed": { type: "devices-changed", names: ["Bea"] },
  connected: { type: "connected", names: ["Bea"] },
  continued: { type: "continued", byName: "Ada", names: ["Mallory"] },
  "not-sent": { type: "not-sent", files: 2 },
  missing: { type: "missing", count: 3, reason: "expired" },
  alarm: { type: "alarm", alarm: "ghost-device" },
};

test("every notice comes back from the database as it was", async () => {
  const files = new MemoryBlockFiles(1);
  const db = await openDatabase({ sqlite: await testSqlite(), files, name: "test.db", migrations: MIGRATIONS });
  const random = repeatableRandom("notices");
  const stored = await db.transaction((tx) => {
    const conversation = insertConversation(tx, {
      groupId: new Uint8Array(32) as GroupId,
      kind: "group",
      relayUrl: "http://localhost:1",
      logId: new Uint8Array(32) as LogId,
      logMade: true,
      settings: {
        kind: "group",
        name: "Team",
        admins: [new Uint8Array(32) as IdentityKey],
        whoMayAdd: "admins",
        timerSeconds: 0,
      },
      nextSeq: 0,
      activityAt: 0,
    });
    for (const [i, notice] of Object.values(NOTICES).entries()) insertNotice(tx, random, conversation, i, 0, notice);
    return tx.all<{ data: Uint8Array }>("SELECT data FROM messages WHERE type = 'notice' ORDER BY ord");
  });
  expect(stored.map(({ data }) => decodeNotice(data))).toEqual(Object.values(NOTICES));
  await db.close();
});

test("a damaged notice is refused, never shown as another", () => {
  for (const bytes of [[], [1], [2, 1, 0], [1, 99], [1, 9, 0, 0, 0, 1, 9]])
    expect(() => decodeNotice(Uint8Array.from(bytes))).toThrow(WireError);
});
