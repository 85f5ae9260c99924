import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { optionsOf } from "./arguments/args.ts";
import { GLOBAL_OPTIONS } from "./arguments/command.ts";
import { COMMANDS } from "./commands/commands.ts";
import {
  contactObject,
  conversationObject,
  deviceObject,
  inviteObject,
  memberObject,
  messageObject,
  requestObject,
  type JsonObject,
} from "./output/shapes.ts";
import { vaultObject } from "./output/vault-shapes.ts";
import { PIN_VIEW } from "./testing/fake-door.ts";
import { attachmentOf, contactOf, conversationOf, FakeClient, idOf, messageOf, NOON } from "./testing/fake-client.ts";

const MANUAL = readFileSync(new URL("../../../docs/CLI.md", import.meta.url), "utf8");
/** The relay's settings are in docs/OPERATING.md. */
const ELSEWHERE = new Set(["relay start", "relay doctor"]);

describe("docs/CLI.md", () => {
  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    "has %s and each of its options",
    (name, command) => {
      expect(MANUAL).toContain(`\`${name}`);
      if (ELSEWHERE.has(name)) return;
      for (const option of Object.keys(optionsOf(command))) {
        if (!Object.hasOwn(GLOBAL_OPTIONS, option)) expect(MANUAL, `--${option}`).toContain(`--${option}`);
      }
    },
  );

  test("has every field of every object", async () => {
    const client = new FakeClient();
    const [device] = await client.devices();
    const invite = await client.createInvite({ reusable: false, expiresInMs: 1 });
    const message = messageOf("1", "x", {
      editedAt: NOON,
      timerSeconds: 60,
      expiresAt: NOON,
      viewOnce: "unopened",
      attachments: [attachmentOf("1", "a")],
      reactions: [{ emoji: "👍", fromIds: [], fromNames: [], self: false }],
    });
    const group = { conversationId: "c", name: "n", fromId: "f", fromName: "f", memberCount: 1 };
    const objects: JsonObject[] = [
      contactObject(contactOf("1", "Bea")),
      conversationObject(conversationOf("1", "Bea", { contactId: "a" }), "Bea"),
      inviteObject(invite),
      memberObject({
        id: "a",
        name: "n",
        self: false,
        role: "member",
        deviceCount: 1,
        contact: true,
        verified: false,
        invited: false,
      }),
      messageObject(message, "Bea", new Map([[idOf("f1", 32), { path: undefined, problem: "gone" }]])),
      requestObject(
        {
          type: "contact",
          id: "1",
          accountId: "a",
          name: "n",
          receivedAt: NOON,
          inviteCreatedAt: NOON,
          looksLike: "m",
        },
        true,
      ),
      requestObject({ type: "group", id: "1", ...group, receivedAt: NOON }, true),
      vaultObject(PIN_VIEW),
      requestObject({ type: "sent", id: "1", accountId: "a", sentAt: NOON }, false),
      ...(device === undefined ? [] : [deviceObject(device)]),
    ];
    for (const object of objects) {
      for (const field of fieldsOf(object))
        expect(MANUAL, `${object.type}: ${field}`).toMatch(new RegExp(`[\`"{,]${field}[\`"]`));
    }
  });
});

function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [name, ...fieldsOf(inner)]);
}
