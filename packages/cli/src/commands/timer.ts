import type { Command } from "../arguments/command.ts";
import { parseTimer } from "../arguments/timers.ts";
import { selectConversation } from "../client/select.ts";
import { EXIT } from "../failure.ts";
import type { Line } from "../output/output.ts";
import { spanText } from "../output/time.ts";
import { finishAtRelay } from "./done.ts";

/** `stonechat timer`: shows or sets when messages written from now on disappear. */
export const timer: Command = {
  name: "timer",
  summary: "Show or set after what time messages disappear",
  positionals: ["CONVERSATION", "DURATION?"],
  options: {},
  notes: [
    "off lets messages written from now on stay. In a group only admins can set it.",
    "A message disappears so long after it was read; from the sender's device, after it was sent.",
  ],
  async run(context) {
    const { args, out, profile } = context;
    const wanted = args.positionals[1];
    const seconds = wanted === undefined ? undefined : toSeconds(wanted);
    const client = await profile.open();
    const conversation = await selectConversation(client, args.positional(0));
    if (seconds === undefined) {
      const { timerSeconds } = conversation;
      await out.result({ type: "timer", conversation: conversation.id, seconds: timerSeconds }, () => [
        words(timerSeconds),
      ]);
      return EXIT.done;
    }
    await client.start();
    await client.setTimer(conversation.id, seconds);
    return await finishAtRelay(context, client, { conversation: conversation.id, seconds }, words(seconds));
  },
};

function toSeconds(wanted: string): number {
  return wanted === "off" ? 0 : parseTimer(wanted, "DURATION");
}

function words(seconds: number): Line {
  return seconds === 0 ? "New messages stay." : `New messages disappear after ${spanText(seconds)}.`;
}
