import type { Command } from "../arguments/command.ts";
import { waitForRelay } from "../client/progress.ts";
import { EXIT, refuse, type ExitCode } from "../failure.ts";
import { faint } from "../output/output.ts";
import { terminalQr } from "../output/qr.ts";
import { inviteObject } from "../output/shapes.ts";
import { localTime } from "../output/time.ts";
import { finishAtRelay, noteLater } from "./done.ts";

const WEEK_MS = 7 * 24 * 3_600_000;

/** `stonechat invite`: a link by which somebody becomes a contact. */
export const invite: Command = {
  name: "invite",
  summary: "Make a link by which somebody becomes your contact",
  positionals: [],
  options: {
    reusable: { kind: "flag", help: "the link works for more than one person; every request is asked about" },
    expires: { kind: "text", value: "DURATION", help: "how long it works, e.g. 30m, 12h or 7d (7d)" },
  },
  notes: ["Give the link to that one person over a channel you trust: whoever has it can use it."],
  async run({ args, host, out, profile }) {
    const expiresInMs = args.duration("expires") ?? WEEK_MS;
    const client = await profile.open();
    await client.start();
    const made = await client.createInvite({ reusable: args.flag("reusable"), expiresInMs });
    const reached = await waitForRelay(client, host);
    if (out.json) await out.result(inviteObject(made), () => []);
    else await out.exact(made.link);
    if (host.stdout.tty && !out.json) {
      const qr = terminalQr(made.link, host.stdout.columns ?? 80);
      if (qr !== undefined) await out.exact(`\n${qr}\n`);
      await out.say([
        faint(
          `${made.reusable ? "For everyone you give it to" : "For one person"}, until ${localTime(made.expiresAt)}.`,
        ),
      ]);
    }
    return reached ? EXIT.done : await noteLater(out);
  },
};

/** `stonechat invites`: the links that were made. */
export const invites: Command = {
  name: "invites",
  summary: "List the links you made",
  positionals: [],
  options: {},
  async run({ out, profile }): Promise<ExitCode> {
    const client = await profile.open();
    for (const item of await client.invites()) {
      await out.result(inviteObject(item), () => [
        `${item.id.slice(0, 8)}  ${item.state}, ${item.reusable ? "reusable" : "one-time"}, made ${localTime(item.createdAt)}, until ${localTime(item.expiresAt)}`,
      ]);
    }
    return EXIT.done;
  },
};

/** `stonechat revoke`: a link works no more. */
export const revoke: Command = {
  name: "revoke",
  summary: "Make a link that you gave away stop working",
  positionals: ["INVITE"],
  options: {},
  notes: ["INVITE is the link's id or its first 8 or more digits, as shown by: stonechat invites"],
  async run(context) {
    const wanted = context.args.positional(0).toLowerCase();
    const client = await context.profile.open();
    await client.start();
    const found = (await client.invites()).filter(
      ({ id }) => id === wanted || (wanted.length >= 8 && id.startsWith(wanted)),
    );
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw refuse(`There is no single invite "${wanted}". List them with: stonechat invites`);
    await client.revokeInvite(only.id);
    return await finishAtRelay(context, client, { id: only.id }, "The link works no more.");
  },
};
