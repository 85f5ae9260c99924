import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Command, CommandContext } from "../arguments/command.ts";
import { ClientError, type AttachmentInput, type Client, type MessageView } from "@stonechat/core";
import { RELAY_PATIENCE_MS, waitForSent } from "../client/progress.ts";
import { selectConversation, selectMessage } from "../client/select.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { attachmentKindOf, mediaTypeOf } from "../files/media-type.ts";
import type { Host } from "../host.ts";
import { noteLater } from "./done.ts";

const MAX_TEXT_BYTES = 1024 * 1024;

/** `stonechat send`: a message, files, or both. */
export const send: Command = {
  name: "send",
  summary: "Send a message, files, or both",
  positionals: ["CONVERSATION", "TEXT?"],
  options: {
    file: { kind: "list", value: "PATH", help: "send this file; may be repeated" },
    "reply-to": { kind: "text", value: "ID", help: "the message this answers" },
    timer: { kind: "text", value: "DURATION", help: "disappearing messages: not yet available" },
    wait: { kind: "text", value: "DURATION", help: "how long to wait for the relay (15s)" },
  },
  notes: ["TEXT may be - to read it from standard input. A TEXT that begins with a dash goes after --."],
  async run(context) {
    const { args, host, out, profile } = context;
    if (args.text("timer") !== undefined)
      throw refuse(
        "--timer is not yet available: disappearing messages come with the encrypted vault. Nothing was sent.",
      );
    const patienceMs = args.duration("wait") ?? RELAY_PATIENCE_MS;
    const attachments = await Promise.all(args.list("file").map((path) => attachmentOf(host, path)));
    const text = await textFrom(context, attachments.length > 0);
    const client = await profile.open();
    const conversation = await selectConversation(client, args.positional(0));
    const replyTo = args.text("reply-to");
    const answered = replyTo === undefined ? undefined : await selectMessage(client, conversation, replyTo);
    await client.start();
    const sent = await client.send(conversation.id, {
      text,
      attachments,
      ...(answered === undefined ? {} : { replyTo: answered.id }),
    });
    const latest = await waitForSent(client, host, conversation, sent, patienceMs);
    const state = await stateWord(client, latest);
    await out.result({ type: "sent", conversation: conversation.id, id: sent.id, state }, () => [
      state === "sent" ? "Sent." : "Waiting.",
    ]);
    return state === "sent" ? EXIT.done : await noteLater(out);
  },
};

/** Later states than `sent` are reported as `sent`: the promise to scripts is the relay's acknowledgement. */
async function stateWord(client: Client, message: MessageView): Promise<"sent" | "waiting"> {
  switch (message.state) {
    case "sent":
    case "delivered":
    case "read":
    case "received":
      return "sent";
    case "waiting":
      if ((await client.connection()) === "outdated") throw new ClientError("relay-outdated");
      return "waiting";
    case "failed":
    case "expired":
      throw refuse(
        "The message could not be sent. The conversation may have ended, or a file is too large for the relay.",
      );
  }
}

async function textFrom({ args, host }: CommandContext, hasFiles: boolean): Promise<string> {
  const word = args.positionals[1];
  if (word === undefined && !hasFiles) throw new UsageFailure("TEXT is missing.");
  const text = word === "-" ? decodeText(await host.stdin.readAll(MAX_TEXT_BYTES)) : (word ?? "");
  if (text === "" && !hasFiles) throw new ClientError("empty");
  return text;
}

/** One line feed at the end belongs to `echo`, not to the text. */
function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch (error) {
    throw refuse("The text on standard input is not UTF-8. Send it as a file with --file.", { cause: error });
  }
}

async function attachmentOf(host: Host, given: string): Promise<AttachmentInput> {
  const path = resolve(host.cwd, given);
  const found = await stat(path).catch((error: unknown) => {
    throw refuse(`The file cannot be read: ${given}`, { cause: error });
  });
  if (!found.isFile()) throw refuse(`That is not a file: ${given}`);
  const mediaType = mediaTypeOf(path);
  return { file: path, name: basename(path), mediaType, kind: attachmentKindOf(mediaType) };
}
