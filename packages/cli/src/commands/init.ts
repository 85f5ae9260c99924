import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parseRelayUrl, WireError } from "@stonechat/protocol";
import type { Command, CommandContext } from "../arguments/command.ts";
import { ClientError, type AccountView, type Client, type OpenVault } from "@stonechat/core";
import { waitForRelay } from "../client/progress.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import { strong } from "../output/output.ts";
import { withVaultDoor } from "../profile/profile-access.ts";
import { makeVault, readVaultWishes, type VaultWishes } from "../vault/new-vault.ts";

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
    "duress-file": { kind: "text", value: "FILE", help: "file with a PIN that destroys the vault and opens a decoy" },
    conceal: { kind: "flag", help: "make a vault that can have a hidden one beside it (advanced)" },
    "no-secret": { kind: "flag", help: "open without any secret, for programs; whoever holds the disk can read it" },
  },
  notes: [
    "At a terminal you are asked how the profile shall be protected. With --secret-file, six digits make a PIN and six or",
    "more words a passphrase. With neither, the profile opens by itself, and nothing protects it on this disk.",
  ],
  async run(context) {
    const { args, host, out } = context;
    const relayUrl = relayUrlFrom(args.text("relay"));
    const code = await codeFromFile(host, args.text("code-file"));
    const wishes = await readVaultWishes(host, args, out, relayUrl);
    context.entry.supply(wishes.secret);
    const name = args.text("name") ?? (await askName(host));
    const input = { name, relayUrl, deviceName: args.text("device-name") ?? host.hostName };
    const { client, account } = await makeAccount(context, wishes, input, code);
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

/**
 * Makes the vault, if there is none yet, and the account in it. A vault that this run made goes away again when the account
 * cannot be made: nobody should have to remember the PIN of nothing.
 */
async function makeAccount(
  context: CommandContext,
  wishes: VaultWishes,
  input: AccountInput,
  code: string | undefined,
): Promise<{ readonly client: Client; readonly account: AccountView }> {
  const { host, out, profile } = context;
  const made: OpenVault[] = [];
  const client = await profile.create(async (door) => {
    const vault = await makeVault(host, out, door, wishes);
    made.push(vault);
    return vault;
  });
  if ((await client.account()) !== undefined) throw new ClientError("account-exists");
  try {
    await client.start();
    return { client, account: await createAdmitted(context, client, input, code) };
  } catch (error) {
    if (made.length > 0) {
      await profile.close();
      await withVaultDoor(host, profile.paths, false, (door) => door.wipe());
    }
    throw error;
  }
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
