import type { Command } from "../arguments/command.ts";
import { fetchNews } from "../client/progress.ts";
import { conversationName } from "../client/select.ts";
import { EXIT } from "../failure.ts";
import { faint, strong } from "../output/output.ts";
import { contactObject, conversationObject, deviceObject } from "../output/shapes.ts";
import { localTime } from "../output/time.ts";

const OFFLINE = {
  offline: { kind: "flag", help: "show what is known here; do not ask the relay for news first" },
} as const;

/** `stonechat contacts`. */
export const contacts: Command = {
  name: "contacts",
  summary: "List your contacts",
  positionals: [],
  options: OFFLINE,
  async run({ args, host, out, profile }) {
    const client = await profile.open();
    if (!args.flag("offline")) await fetchNews(client, host);
    const all = await client.contacts();
    for (const contact of all) {
      const marks = [
        contact.verified ? "verified" : "not verified",
        ...(contact.blocked ? ["blocked"] : []),
        ...(contact.devicesChanged ? ["devices changed"] : []),
      ];
      await out.result(contactObject(contact), () => [
        [strong(contact.name), "  ", faint(`${marks.join(", ")}  ${contact.id.slice(0, 8)}`)],
      ]);
    }
    if (all.length === 0) await out.say("No contacts yet. Make a link for somebody with: stonechat invite");
    return EXIT.done;
  },
};

/** `stonechat conversations`. */
export const conversations: Command = {
  name: "conversations",
  summary: "List your conversations",
  positionals: [],
  options: OFFLINE,
  async run({ args, host, out, profile }) {
    const client = await profile.open();
    if (!args.flag("offline")) await fetchNews(client, host);
    for (const conversation of await client.conversations()) {
      const name = conversationName(conversation);
      const marks = [
        ...(conversation.unread > 0 ? [`${String(conversation.unread)} unread`] : []),
        ...(conversation.kind === "group" ? [`${String(conversation.memberCount)} members`] : []),
        ...(conversation.state === "active" ? [] : [conversation.state]),
        ...(conversation.continuation?.by === "self" ? ["go on with: group continue"] : []),
        localTime(conversation.lastActivityAt),
        conversation.id.slice(0, 8),
      ];
      await out.result(conversationObject(conversation, name), () => [[strong(name), "  ", faint(marks.join("  "))]]);
    }
    return EXIT.done;
  },
};

/** `stonechat devices`. */
export const devices: Command = {
  name: "devices",
  summary: "List the devices of your account",
  positionals: [],
  options: {},
  async run({ out, profile }) {
    const client = await profile.open();
    for (const device of await client.devices()) {
      await out.result(deviceObject(device), () => [
        [
          strong(device.name),
          "  ",
          faint(`${device.current ? "this device" : "another device"}, since ${localTime(device.addedAt)}`),
        ],
      ]);
    }
    return EXIT.done;
  },
};
