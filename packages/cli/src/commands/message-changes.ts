import type { Command, CommandContext } from "../arguments/command.ts";
import { ClientError, type Client, type ConversationView, type MessageView } from "@stonechat/core";
import { selectConversation, selectMessage } from "../client/select.ts";
import { finishAtRelay, finishHere } from "./done.ts";

/** `stonechat react`. */
export const react: Command = {
  name: "react",
  summary: "React to a message with an emoji",
  positionals: ["CONVERSATION", "MESSAGE", "EMOJI"],
  options: { remove: { kind: "flag", help: "take the reaction back" } },
  async run(context) {
    const { client, conversation, message } = await openMessage(context);
    const remove = context.args.flag("remove");
    await client.react(conversation.id, message.id, context.args.positional(2), remove);
    return await finishAtRelay(
      context,
      client,
      { conversation: conversation.id, id: message.id },
      remove ? "Taken back." : "Reacted.",
    );
  },
};

/** `stonechat edit`. */
export const edit: Command = {
  name: "edit",
  summary: "Change the text of a message you sent",
  positionals: ["CONVERSATION", "MESSAGE", "TEXT"],
  options: {},
  async run(context) {
    const text = context.args.positional(2);
    if (text === "") throw new ClientError("empty");
    const { client, conversation, message } = await openMessage(context);
    await client.edit(conversation.id, message.id, text);
    return await finishAtRelay(context, client, { conversation: conversation.id, id: message.id }, "Changed.");
  },
};

/** `stonechat delete`. */
export const remove: Command = {
  name: "delete",
  summary: "Delete a message for everyone",
  positionals: ["CONVERSATION", "MESSAGE"],
  options: { "for-me": { kind: "flag", help: "only on this device" } },
  async run(context) {
    const { client, conversation, message } = await openMessage(context);
    const about = { conversation: conversation.id, id: message.id };
    if (context.args.flag("for-me")) {
      await client.deleteForMe(conversation.id, message.id);
      return await finishHere(context, about, "Deleted here.");
    }
    await client.deleteForEveryone(conversation.id, message.id);
    return await finishAtRelay(context, client, about, "Deleted for everyone.");
  },
};

async function openMessage({ args, profile }: CommandContext): Promise<{
  readonly client: Client;
  readonly conversation: ConversationView;
  readonly message: MessageView;
}> {
  const client = await profile.open();
  const conversation = await selectConversation(client, args.positional(0));
  const message = await selectMessage(client, conversation, args.positional(1));
  await client.start();
  return { client, conversation, message };
}
