import type { Command } from "../arguments/command.ts";
import { ClientError } from "@stonechat/core";
import { EXIT } from "../failure.ts";
import { messageObject } from "../output/shapes.ts";
import { messageLines } from "./message-lines.ts";

const DEFAULT_LAST = 20;
const MAX_LAST = 1_000;

/** `stonechat search`: messages on this device that hold the words. */
export const search: Command = {
  name: "search",
  summary: "Find messages on this device",
  positionals: ["WORDS…"],
  options: { last: { kind: "text", value: "N", help: "at most N messages (20)" } },
  async run({ args, out, profile }) {
    const limit = args.count("last", MAX_LAST) ?? DEFAULT_LAST;
    const query = args.positionals.join(" ").trim();
    if (query === "") throw new ClientError("bad-value");
    const client = await profile.open();
    const hits = await client.search(query, limit);
    for (const { message, conversationName } of hits) {
      await out.result(messageObject(message, conversationName), () => messageLines(message, conversationName));
    }
    if (hits.length === 0) await out.say("Nothing found.");
    return EXIT.done;
  },
};
