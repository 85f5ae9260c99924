import { stat } from "node:fs/promises";
import { basename, resolve } from "node:path";
import type { Command, CommandContext } from "../arguments/command.ts";
import { parseTimer } from "../arguments/timers.ts";
import { ClientError, type AttachmentInput, type Client, type MessageView } from "@stonechat/core";
import { RELAY_PATIENCE_MS, waitForSent } from "../client/progress.ts";
import { selectConversation, selectMessage } from "../client/select.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { attachmentKindOf, mediaTypeOf } from "../files/media-type.ts";
import type { Host } from "../host.ts";
import { spanText } from "../output/time.ts";
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
    timer: {
      kind: "text",
      value: "DURATION",
      help: "it disappears so long after it was read, from here after it was sent",
    },
    "view-once": { kind: "flag", help: "the file, an image, sound or video, can be opened once; no TEXT" },
    wait: { kind: "text", value: "DURATION", help: "how long to wait for the relay (15s)" },
  },
  notes: ["TEXT may be - to read it from standard input. A TEXT that begins with a dash goes after --."],
  async run(context) {
    const { args, host, out, profile } = context;
    const timer = args.text("timer");
    const timerSeconds = timer === undefined ? undefined : parseTimer(timer, "--timer");
    const viewOnce = args.flag("view-once");
    const patienceMs = args.duration("wait") ?? RELAY_PATIENCE_MS;
    const attachments = await Promise.all(args.list("file").map((path) => attachmentOf(host, path)));
    const text = await textFrom(context, attachments.length > 0);
    if (viewOnce) checkViewOnce(text, attachments);
    const client = await profile.open();
    const conversation = await selectConversation(client, args.positional(0));
    const limit = conversation.timerSeconds;
    if (timerSeconds !== undefined && limit > 0 && timerSeconds > limit)
      throw refuse(
        `Messages of this conversation disappear after ${spanText(limit)}; one of its own can only go sooner.`,
      );
    const replyTo = args.text("reply-to");
    const answered = replyTo === undefined ? undefined : await selectMessage(client, conversation, replyTo);
    await client.start();
    const sent = await client.send(conversation.id, {
      text,
      attachments,
      ...(answered === undefined ? {} : { replyTo: answered.id }),
      ...(timerSeconds === undefined ? {} : { timerSeconds }),
      ...(viewOnce ? { viewOnce } : {}),
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

function checkViewOnce(text: string, attachments: readonly AttachmentInput[]): void {
  if (text !== "" || attachments.length !== 1 || attachments[0]?.kind === "file")
    throw new UsageFailure("--view-once takes one --file, an image, sound or video, and no TEXT.");
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
