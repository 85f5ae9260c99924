import type { Command } from "../arguments/command.ts";
import { selectContact } from "../client/select.ts";
import { EXIT, UsageFailure } from "../failure.ts";
import { faint, strong } from "../output/output.ts";
import { terminalQr } from "../output/qr.ts";
import { finishAtRelay, finishHere } from "./done.ts";

/** `stonechat verify`: the safety number, and what came of comparing it. */
export const verify: Command = {
  name: "verify",
  summary: "Show the safety number you share with a contact",
  positionals: ["CONTACT"],
  options: {
    number: { kind: "flag", help: "the 60 digits only" },
    mark: { kind: "flag", help: "you compared the number and it is the same: mark the contact verified" },
    unmark: { kind: "flag", help: "mark the contact not verified" },
  },
  notes: ["Compare the number face to face or by a call you trust. Both sides see the same 60 digits."],
  async run({ args, host, out, profile }) {
    if (args.flag("mark") && args.flag("unmark")) throw new UsageFailure("--mark and --unmark exclude each other.");
    const client = await profile.open();
    const contact = await selectContact(client, args.positional(0));
    const verified = args.flag("mark") || (contact.verified && !args.flag("unmark"));
    if (verified !== contact.verified) await client.setVerified(contact.id, verified);
    const groups = contact.safetyNumber.match(/\d{5}/g) ?? [];
    const number = groups.join(" ");
    const object = {
      type: "safety-number",
      id: contact.id,
      name: contact.name,
      number,
      verified,
      qr: contact.safetyQr,
    };
    if (args.flag("number") && !out.json) {
      await out.exact(number);
      return EXIT.done;
    }
    await out.result(object, () => [
      ["Safety number with ", strong(contact.name), faint(verified ? "  verified" : "  not verified")],
      ...[0, 4, 8].map((start) => `  ${groups.slice(start, start + 4).join(" ")}`),
    ]);
    const qr = host.stdout.tty ? terminalQr(contact.safetyQr, host.stdout.columns ?? 80) : undefined;
    if (qr !== undefined) await out.exact(`\n${qr}`);
    return EXIT.done;
  },
};

/** `stonechat name`: my own name. */
export const ownName: Command = {
  name: "name",
  summary: "Change the name your contacts see",
  positionals: ["NAME"],
  options: {},
  async run(context) {
    const name = context.args.positional(0);
    const client = await context.profile.open();
    await client.start();
    await client.setName(name);
    return await finishAtRelay(context, client, { name }, ["Your contacts will see ", strong(name), "."]);
  },
};

/** `stonechat rename`: my label for a contact. */
export const rename: Command = {
  name: "rename",
  summary: "Give a contact a name of your own; nobody else sees it",
  positionals: ["CONTACT", "NAME"],
  options: {},
  async run(context) {
    const name = context.args.positional(1);
    const client = await context.profile.open();
    const contact = await selectContact(client, context.args.positional(0));
    await client.renameContact(contact.id, name);
    return await finishHere(context, { id: contact.id, name }, ["Renamed to ", strong(name), "."]);
  },
};

/** `stonechat block`. */
export const block: Command = blockCommand("block", "Hear nothing more from a contact", true);
/** `stonechat unblock`. */
export const unblock: Command = blockCommand("unblock", "Hear from a contact again", false);

function blockCommand(name: string, summary: string, blocked: boolean): Command {
  return {
    name,
    summary,
    positionals: ["CONTACT"],
    options: {},
    async run(context) {
      const client = await context.profile.open();
      const contact = await selectContact(client, context.args.positional(0));
      await client.setBlocked(contact.id, blocked);
      return await finishHere(context, { id: contact.id }, [
        strong(contact.name),
        blocked ? " is blocked." : " is no longer blocked.",
      ]);
    },
  };
}
