import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { ClientError, type Client, type OpenVault } from "@stonechat/core";
import { parseRelayUrl, WireError } from "@stonechat/protocol";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import { withVaultDoor } from "../profile/profile-access.ts";
import { makeVault, NEW_VAULT_OPTIONS, readVaultWishes } from "../vault/new-vault.ts";

const MAX_CODE_BYTES = 1024;

/** Options of the commands by which a profile gets an account. */
export const FRESH_ACCOUNT_OPTIONS = {
  "device-name": { kind: "text", value: "NAME", help: "what this device is called on your other devices" },
  "code-file": { kind: "text", value: "FILE", help: "file with the relay's admission code; - reads standard input" },
  ...NEW_VAULT_OPTIONS,
} as const satisfies Readonly<Record<string, OptionSpec>>;

/**
 * Lets `make` make the account of a profile that has none, after making the vault if there is none yet. A vault that this
 * made goes away again when the account cannot be made: nobody should have to remember the PIN of nothing.
 *
 * @param make - Gets the admission code, if there is one. Called again with one if the relay wants it.
 */
export async function withFreshAccount<Result>(
  context: CommandContext,
  relayUrl: string,
  make: (client: Client, admission: { readonly admissionCode?: string }) => Promise<Result>,
): Promise<{ readonly client: Client; readonly made: Result }> {
  const { args, entry, host, out, profile } = context;
  const code = await codeFromFile(host, args.text("code-file"));
  const wishes = await readVaultWishes(host, args, out, relayUrl);
  entry.supply(wishes.secret);
  const vaults: OpenVault[] = [];
  const client = await profile.create(async (door) => {
    const vault = await makeVault(host, out, door, wishes);
    vaults.push(vault);
    return vault;
  });
  if ((await client.account()) !== undefined) throw new ClientError("account-exists");
  try {
    await client.start();
    return { client, made: await admitted(host, code, (admission) => make(client, admission)) };
  } catch (error) {
    if (vaults.length > 0) {
      await profile.close();
      await withVaultDoor(host, profile.paths, false, (door) => door.wipe());
    }
    throw error;
  }
}

/** Reads `--relay`. @throws {@link UsageFailure} */
export function relayUrlFrom(text: string | undefined): string {
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

/** Asks for an admission code on the terminal if the relay wants one and none was given. */
async function admitted<Result>(
  host: Host,
  code: string | undefined,
  make: (admission: { readonly admissionCode?: string }) => Promise<Result>,
): Promise<Result> {
  try {
    return await make(code === undefined ? {} : { admissionCode: code });
  } catch (error) {
    const codeMissing = error instanceof ClientError && error.code === "not-admitted" && code === undefined;
    if (!codeMissing || !host.stdin.tty) throw error;
    const answer = await host.stdin.ask("The relay admits people with a code. Code: ", { hidden: true });
    if (answer === undefined || answer.trim() === "") throw error;
    return await make({ admissionCode: answer.trim() });
  }
}

async function codeFromFile(host: Host, path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const bytes = path === "-" ? await host.stdin.readAll(MAX_CODE_BYTES) : await readFile(resolve(host.cwd, path));
  const code = new TextDecoder().decode(bytes.subarray(0, MAX_CODE_BYTES + 1)).trim();
  if (code === "" || code.length > MAX_CODE_BYTES) throw refuse("The file of --code-file holds no admission code.");
  return code;
}
