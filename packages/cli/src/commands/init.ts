import type { Command } from "../arguments/command.ts";
import { waitForRelay } from "../client/progress.ts";
import { EXIT } from "../failure.ts";
import type { Host } from "../host.ts";
import { strong } from "../output/output.ts";
import { FRESH_ACCOUNT_OPTIONS, relayUrlFrom, withFreshAccount } from "./fresh-account.ts";

/** `stonechat init`: a new account. */
export const init: Command = {
  name: "init",
  summary: "Make a new account in this profile",
  positionals: [],
  options: {
    relay: { kind: "text", value: "URL", help: "address of your organisation's relay (required)" },
    name: { kind: "text", value: "NAME", help: "the name your contacts will see" },
    ...FRESH_ACCOUNT_OPTIONS,
  },
  notes: [
    "At a terminal you are asked how the profile shall be protected. With --secret-file, six digits make a PIN and six or",
    "more words a passphrase. With neither, the profile opens by itself, and nothing protects it on this disk.",
  ],
  async run(context) {
    const { args, host, out } = context;
    const relayUrl = relayUrlFrom(args.text("relay"));
    const name = args.text("name") ?? (await askName(host));
    const deviceName = args.text("device-name") ?? host.hostName;
    const { client, made: account } = await withFreshAccount(context, relayUrl, (fresh, admission) =>
      fresh.createAccount({ name, relayUrl, deviceName, ...admission }),
    );
    // The account is made; what others need to reach it (its stock of KeyPackages) goes to the relay now if it can.
    await waitForRelay(client, host);
    await out.result(
      { type: "account", id: account.id, name: account.name, relay: account.relayUrl, device: account.deviceId },
      () => [
        ["Welcome, ", strong(account.name), "."],
        "Your next step: make a link for somebody with: stonechat invite",
      ],
    );
    return EXIT.done;
  },
};

async function askName(host: Host): Promise<string> {
  const answer =
    host.stdin.tty && host.stderr.tty
      ? await host.stdin.ask("Your name, as your contacts will see it: ", { hidden: false })
      : undefined;
  const name = answer?.trim() ?? "";
  // Never the system's user name: it would tell contacts something that nobody asked them to be told.
  return name === "" ? `guest-${Buffer.from(await host.random(3)).toString("hex")}` : name;
}
