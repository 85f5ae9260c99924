import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseRelayUrl, WireError } from "@stonechat/protocol";
import type { Command, CommandContext } from "../arguments/command.ts";
import { ClientError, type AccountView, type Client } from "@stonechat/core";
import { waitForRelay } from "../client/progress.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import { strong } from "../output/output.ts";

const MAX_CODE_BYTES = 1024;

/** `stonechat init`: a new account. */
export const init: Command = {
  name: "init",
  summary: "Make a new account in this profile",
  positionals: [],
  options: {
    relay: { kind: "text", value: "URL", help: "address of your organisation's relay (required)" },
    name: { kind: "text", value: "NAME", help: "the name your contacts will see" },
    "device-name": { kind: "text", value: "NAME", help: "what this device is called on your other devices" },
    "code-file": { kind: "text", value: "FILE", help: "file with the relay's admission code; - reads standard input" },
    "secret-file": {
      kind: "text",
      value: "FILE",
      help: "file with the secret of the vault; takes effect when profiles are encrypted",
    },
  },
  async run(context) {
    const { args, host, out, profile } = context;
    const relayUrl = relayUrlFrom(args.text("relay"));
    const code = await codeFromFile(host, args.text("code-file"));
    if (args.text("secret-file") !== undefined) {
      await out.note(
        "--secret-file has no effect yet: this version does not encrypt the profile. Keep the disk encrypted.",
      );
    }
    const name = args.text("name") ?? (await askName(host));
    const client = await profile.create();
    if ((await client.account()) !== undefined) throw new ClientError("account-exists");
    await client.start();
    const input = { name, relayUrl, deviceName: args.text("device-name") ?? host.hostName };
    const account = await createAdmitted(context, client, input, code);
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

interface AccountInput {
  readonly name: string;
  readonly relayUrl: string;
  readonly deviceName: string;
}

/** Asks for an admission code on the terminal if the relay wants one and none was given. */
async function createAdmitted(
  { host }: CommandContext,
  client: Client,
  input: AccountInput,
  code: string | undefined,
): Promise<AccountView> {
  try {
    return await client.createAccount({ ...input, ...(code === undefined ? {} : { admissionCode: code }) });
  } catch (error) {
    const codeMissing = error instanceof ClientError && error.code === "not-admitted" && code === undefined;
    if (!codeMissing || !host.stdin.tty) throw error;
    const answer = await host.stdin.ask("The relay admits people with a code. Code: ", { hidden: true });
    if (answer === undefined || answer.trim() === "") throw error;
    return await client.createAccount({ ...input, admissionCode: answer.trim() });
  }
}

async function askName(host: Host): Promise<string> {
  const answer =
    host.stdin.tty && host.stderr.tty
      ? await host.stdin.ask("Your name, as your contacts will see it: ", { hidden: false })
      : undefined;
  const name = answer?.trim() ?? "";
  // Never the system's user name: it would tell contacts something that nobody asked them to be told.
  return name === "" ? `guest-${Buffer.from(await host.random(3)).toString("hex")}` : name;
}

async function codeFromFile(host: Host, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const bytes = path === "-" ? await host.stdin.readAll(MAX_CODE_BYTES) : await readFile(resolve(host.cwd, path));
  const code = new TextDecoder().decode(bytes.subarray(0, MAX_CODE_BYTES + 1)).trim();
  if (code === "" || code.length > MAX_CODE_BYTES) throw refuse("The file of --code-file holds no admission code.");
  return code;
}

function relayUrlFrom(text: string | undefined): string {
  if (text === undefined) throw new UsageFailure("--relay URL is missing.");
  try {
    return parseRelayUrl(text);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new UsageFailure(
      "--relay takes an address like https://chat.example.org, without a path. Plain http is for this machine and .onion only.",
      { cause: error },
    );
  }
}
