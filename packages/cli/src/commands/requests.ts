import type { Command, CommandContext } from "../arguments/command.ts";
import type { Client, RequestView } from "@stonechat/core";
import { fetchNews } from "../client/progress.ts";
import { EXIT, refuse } from "../failure.ts";
import { strong, type Line } from "../output/output.ts";
import { requestObject } from "../output/shapes.ts";
import { localTime } from "../output/time.ts";
import { finishAtRelay } from "./done.ts";

const MIN_PREFIX = 8;

/** `stonechat requests`: what waits for a decision. */
export const requests: Command = {
  name: "requests",
  summary: "List what waits for your decision, and your own requests",
  positionals: [],
  options: {},
  async run({ host, out, profile }) {
    const client = await profile.open();
    await fetchNews(client, host);
    const all = await client.requests();
    for (const request of all) await out.result(requestObject(request, false), () => requestLines(request));
    if (all.length === 0) await out.say("Nothing waits for you.");
    return EXIT.done;
  },
};

/** `stonechat requests accept`. */
export const requestsAccept: Command = {
  name: "requests accept",
  summary: "Accept a request",
  positionals: ["REQUEST"],
  options: {},
  notes: ["REQUEST is an id or its first 8 or more digits, as shown by: stonechat requests"],
  async run(context) {
    const { client, request } = await openRequest(context);
    const { conversationId } = await client.acceptRequest(request.id);
    return await finishAtRelay(context, client, { id: request.id, conversation: conversationId }, "Accepted.");
  },
};

/** `stonechat requests decline`. */
export const requestsDecline: Command = {
  name: "requests decline",
  summary: "Decline a request; the other side is not told",
  positionals: ["REQUEST"],
  options: {},
  async run(context) {
    const { client, request } = await openRequest(context);
    await client.declineRequest(request.id);
    return await finishAtRelay(context, client, { id: request.id }, "Declined.");
  },
};

/** A request for a person. */
export function requestLines(request: RequestView): readonly Line[] {
  const id = request.id.slice(0, MIN_PREFIX);
  switch (request.type) {
    case "contact":
      return [
        [
          `${id}  `,
          strong(request.name),
          ` wants to connect by the link you made on ${localTime(request.inviteCreatedAt)}.`,
        ],
        ...(request.looksLike === undefined
          ? []
          : [`  Take care: the name looks like your contact ${request.looksLike}, but it is another account.`]),
      ];
    case "group":
      return [
        [
          `${id}  ${request.fromName} wants to add you to the group `,
          strong(request.name),
          ` with ${String(request.memberCount)} members.`,
        ],
      ];
    case "sent":
      return [`${id}  You asked to connect on ${localTime(request.sentAt)}; no answer yet.`];
  }
}

async function openRequest({
  args,
  host,
  profile,
}: CommandContext): Promise<{ readonly client: Client; readonly request: RequestView }> {
  const wanted = args.positional(0).toLowerCase();
  const client = await profile.open();
  await fetchNews(client, host);
  const found = (await client.requests()).filter(
    ({ id, type }) => type !== "sent" && (id === wanted || (wanted.length >= MIN_PREFIX && id.startsWith(wanted))),
  );
  const [request] = found;
  if (request === undefined || found.length > 1)
    throw refuse(`There is no single request "${wanted}". List them with: stonechat requests`);
  return { client, request };
}
