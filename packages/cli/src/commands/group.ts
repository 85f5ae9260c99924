import type { Command, CommandContext } from "../arguments/command.ts";
import type { Client, ConversationView, MemberView, Role } from "@stonechat/core";
import { fetchNews, waitForRelay } from "../client/progress.ts";
import { selectContact, selectGroup, selectConversation, selectMember } from "../client/select.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { faint, strong } from "../output/output.ts";
import { conversationObject, memberObject } from "../output/shapes.ts";
import { finish, finishAtRelay } from "./done.ts";

/** `stonechat group create`. */
export const groupCreate: Command = {
  name: "group create",
  summary: "Make a group with some of your contacts",
  positionals: ["NAME", "CONTACT…"],
  options: {},
  async run({ args, host, out, profile }) {
    const [name = "", ...wanted] = args.positionals;
    const client = await profile.open();
    const contactIds = await contactIdsOf(client, wanted);
    await client.start();
    const made = await client.createGroup({ name, contactIds });
    const reached = await waitForRelay(client, host);
    const now = await client.conversation(made.id);
    return await finish(out, reached, conversationObject(now, now.name), ["Made the group ", strong(now.name), "."]);
  },
};

/** `stonechat group add`. */
export const groupAdd: Command = {
  name: "group add",
  summary: "Add contacts to a group",
  positionals: ["GROUP", "CONTACT…"],
  options: {},
  async run(context) {
    const { client, group } = await openGroup(context);
    const ids = await contactIdsOf(client, context.args.positionals.slice(1));
    await client.addMembers(group.id, ids);
    return await finishAtRelay(context, client, { conversation: group.id, members: ids }, "Added.");
  },
};

/** `stonechat group remove`. */
export const groupRemove: Command = {
  name: "group remove",
  summary: "Remove members from a group",
  positionals: ["GROUP", "MEMBER…"],
  options: {},
  async run(context) {
    const { client, group } = await openGroup(context);
    const members = await Promise.all(
      context.args.positionals.slice(1).map((wanted) => selectMember(client, group, wanted)),
    );
    for (const { id } of members) await client.removeMember(group.id, id);
    return await finishAtRelay(
      context,
      client,
      { conversation: group.id, members: members.map(({ id }) => id) },
      "Removed.",
    );
  },
};

/** `stonechat group leave`. */
export const groupLeave: Command = {
  name: "group leave",
  summary: "Leave a group",
  positionals: ["GROUP"],
  options: {},
  async run(context) {
    const { client, group } = await openGroup(context);
    await client.leaveGroup(group.id);
    return await finishAtRelay(context, client, { conversation: group.id }, "You left the group.");
  },
};

/** `stonechat group continue`. */
export const groupContinue: Command = {
  name: "group continue",
  summary: "Go on in a new group after a change that nobody can follow",
  positionals: ["GROUP"],
  options: { without: { kind: "text", value: "MEMBER", help: "leave this member out" } },
  async run(context) {
    const { client, group } = await openGroup(context);
    const wanted = context.args.text("without");
    const without = wanted === undefined ? undefined : (await selectMember(client, group, wanted)).id;
    const now = await client.continueGroup(group.id, without);
    return await finishAtRelay(
      context,
      client,
      { conversation: now.id, previous: group.id, without: without ?? null },
      "The group goes on in a new one.",
    );
  },
};

/** `stonechat group rename`. */
export const groupRename: Command = {
  name: "group rename",
  summary: "Give a group another name",
  positionals: ["GROUP", "NAME"],
  options: {},
  async run(context) {
    const { client, group } = await openGroup(context);
    const name = context.args.positional(1);
    await client.renameGroup(group.id, name);
    return await finishAtRelay(context, client, { conversation: group.id, name }, ["Renamed to ", strong(name), "."]);
  },
};

/** `stonechat group members`. Works for every kind of conversation. */
export const groupMembers: Command = {
  name: "group members",
  summary: "List the members of a group",
  positionals: ["GROUP"],
  options: { offline: { kind: "flag", help: "show what is known here; do not ask the relay for news first" } },
  async run({ args, host, out, profile }) {
    const client = await profile.open();
    if (!args.flag("offline")) await fetchNews(client, host);
    const conversation = await selectConversation(client, args.positional(0));
    for (const member of await client.members(conversation.id)) {
      await out.result(memberObject(member), () => [[strong(member.name), "  ", faint(memberMarks(member))]]);
    }
    return EXIT.done;
  },
};

/** `stonechat group promote`. */
export const groupPromote: Command = roleCommand("promote", "Make a member an admin", "admin");
/** `stonechat group demote`. */
export const groupDemote: Command = roleCommand("demote", "Make an admin a plain member", "member");

function roleCommand(word: string, summary: string, role: Role): Command {
  return {
    name: `group ${word}`,
    summary,
    positionals: ["GROUP", "MEMBER"],
    options: {},
    async run(context): Promise<ExitCode> {
      const { client, group } = await openGroup(context);
      const member = await selectMember(client, group, context.args.positional(1));
      await client.setRole(group.id, member.id, role);
      return await finishAtRelay(context, client, { conversation: group.id, member: member.id, role }, [
        strong(member.name),
        ` is now ${role === "admin" ? "an admin" : "a plain member"}.`,
      ]);
    },
  };
}

/** Changes of a group are made on its newest state, so the news is fetched first. */
async function openGroup({
  args,
  host,
  profile,
}: CommandContext): Promise<{ readonly client: Client; readonly group: ConversationView }> {
  const client = await profile.open();
  await fetchNews(client, host);
  return { client, group: await selectGroup(client, args.positional(0)) };
}

async function contactIdsOf(client: Client, wanted: readonly string[]): Promise<readonly string[]> {
  const contacts = await Promise.all(wanted.map((word) => selectContact(client, word)));
  return [...new Set(contacts.map(({ id }) => id))];
}

function memberMarks(member: MemberView): string {
  return [
    ...(member.self ? ["you"] : []),
    member.role,
    ...(member.invited ? ["has not agreed yet"] : []),
    ...(member.verified ? ["verified"] : []),
    `${String(member.deviceCount)} ${member.deviceCount === 1 ? "device" : "devices"}`,
    member.id.slice(0, 8),
  ].join("  ");
}
