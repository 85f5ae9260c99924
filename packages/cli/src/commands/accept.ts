import type { Command, CommandContext } from "../arguments/command.ts";
import { ClientError, type Client, type ContactView } from "@stonechat/core";
import { waitForRelay, waitUntil } from "../client/progress.ts";
import { EXIT, refuse, type ExitCode } from "../failure.ts";
import { strong } from "../output/output.ts";
import { contactObject } from "../output/shapes.ts";
import { noteLater } from "./done.ts";

const MAX_LINK_BYTES = 64 * 1024;
const FLUSH_MS = 5_000;

/** `stonechat accept`: asks the maker of a link to connect. */
export const accept: Command = {
  name: "accept",
  summary: "Ask the maker of an invite link to connect",
  positionals: ["LINK"],
  options: { wait: { kind: "text", value: "DURATION", help: "wait so long for the answer, and print the contact" } },
  notes: ["LINK may be - to read it from standard input, where other programs cannot see it."],
  async run(context) {
    const { args, host, out, profile } = context;
    const waitMs = args.duration("wait");
    const link = await linkFrom(context);
    const client = await profile.open();
    await client.start();
    await refuseUseless(client, link);
    const { requestId, accountId } = await client.acceptInvite(link);
    const reached = await waitForRelay(client, host);
    await out.result(
      { type: "request-sent", id: requestId, toId: accountId, state: reached ? "sent" : "waiting" },
      () => ["Asked to connect. The contact appears when the other side has answered."],
    );
    if (waitMs === undefined) return reached ? EXIT.done : await noteLater(out);
    return await waitForAnswer(context, client, accountId, waitMs, reached);
  },
};

async function linkFrom({ args, host }: CommandContext): Promise<string> {
  const word = args.positional(0);
  const link = word === "-" ? new TextDecoder().decode(await host.stdin.readAll(MAX_LINK_BYTES)) : word;
  return link.trim();
}

async function refuseUseless(client: Client, link: string): Promise<void> {
  const preview = await client.previewLink(link);
  switch (preview.type) {
    case "invite":
    case "other-relay":
      // Another relay may still be in reach: the core tries, and says if not.
      return;
    case "own":
      throw refuse("That is your own invite. Give it to somebody else.");
    case "known":
      throw new ClientError("already-known");
    case "expired":
      throw new ClientError("link-expired");
    case "not-an-invite":
      throw new ClientError("bad-link");
  }
}

async function waitForAnswer(
  { host, out }: CommandContext,
  client: Client,
  accountId: string,
  waitMs: number,
  reached: boolean,
): Promise<ExitCode> {
  const contact = await waitUntil(client, host, { patienceMs: waitMs }, async () => {
    const found = (await client.contacts()).find(({ id }) => id === accountId);
    return found === undefined ? undefined : { done: found };
  });
  if (contact === undefined) {
    if (!reached) return await noteLater(out);
    throw refuse("No answer yet. The contact will appear when the other side has answered and stonechat runs again.");
  }
  // The other side is told now where this device's KeyPackages are: it may want to add us to a group next.
  await client.settle(FLUSH_MS);
  await out.result(contactObject(contact), () => [connectedLine(contact)]);
  return EXIT.done;
}

function connectedLine(contact: ContactView): (string | ReturnType<typeof strong>)[] {
  return ["Connected with ", strong(contact.name), "."];
}
