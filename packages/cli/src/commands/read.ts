import type { Command } from "../arguments/command.ts";
import type { Client, ConversationView, MessageView } from "@stonechat/core";
import { fetchNews } from "../client/progress.ts";
import { conversationName, selectConversation } from "../client/select.ts";
import { EXIT } from "../failure.ts";
import { messageObject } from "../output/shapes.ts";
import { downloadFolder, DOWNLOADS_OPTION, saveAttachments } from "./attachments.ts";
import { messageLines } from "./message-lines.ts";

const DEFAULT_LAST = 50;
const MAX_LAST = 1_000_000;
const PAGE = 100;

/** `stonechat read`: the history of a conversation, oldest first. What was shown counts as read. */
export const read: Command = {
  name: "read",
  summary: "Show the messages of a conversation, oldest first",
  positionals: ["CONVERSATION"],
  options: {
    last: { kind: "text", value: "N", help: "only the last N messages (50)" },
    download: { kind: "flag", help: "fetch the files" },
    downloads: DOWNLOADS_OPTION,
    offline: { kind: "flag", help: "show what is known here; do not ask the relay for news first" },
    peek: { kind: "flag", help: "do not mark anything as read" },
  },
  async run(context) {
    const { args, host, out, profile } = context;
    const last = args.count("last", MAX_LAST) ?? DEFAULT_LAST;
    const client = await profile.open();
    if (!args.flag("offline")) await fetchNews(client, host);
    const conversation = await selectConversation(client, args.positional(0));
    const name = conversationName(conversation);
    const messages = await lastMessages(client, conversation, last, !out.json);
    const folder = await downloadFolder(context, client);
    for (const message of messages) {
      const saved = args.flag("download") ? await saveAttachments(client, host, folder, message) : new Map();
      await out.result(messageObject(message, name, saved), () => messageLines(message, undefined, saved));
    }
    const newest = messages.at(-1);
    if (newest !== undefined && conversation.unread > 0 && !args.flag("peek"))
      await client.markRead(conversation.id, newest.id);
    return EXIT.done;
  },
};

/** The last `count` messages, oldest first. Lines that nobody wrote do not count, and come along only if wanted. */
async function lastMessages(
  client: Client,
  { id }: ConversationView,
  count: number,
  withNotices: boolean,
): Promise<readonly MessageView[]> {
  const found: MessageView[] = [];
  let written = 0;
  let before: number | undefined;
  while (written < count) {
    const page = await client.messages(id, { limit: PAGE, ...(before === undefined ? {} : { before }) });
    for (const message of page.messages.toReversed()) {
      const notice = message.body.type === "notice";
      if (notice && !withNotices) continue;
      if (!notice) written += 1;
      if (written > count) break;
      found.push(message);
    }
    before = page.messages[0]?.order;
    if (!page.hasOlder || before === undefined) break;
  }
  return found.reverse();
}
