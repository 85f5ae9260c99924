import { ClientError, type GuardsView, type NewVault, type OpenVault, type VaultDoor } from "@stonechat/core";
import type { Args } from "../arguments/args.ts";
import type { OptionSpec } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";
import type { Host } from "../host.ts";
import type { Output } from "../output/output.ts";
import { chooseSecret, describeJudgement } from "./new-secret.ts";
import { readSecretFile } from "./secret-file.ts";
import { SECRET_FILE } from "./vault-entry.ts";

const PIN = /^\d{6}$/;
const PASSPHRASE_WORDS = 6;

/** What `init` was asked for. */
export interface VaultWishes {
  readonly relayUrl: string;
  /** The secret, if it came from a file. */
  readonly secret: string | undefined;
  readonly duressPin: string | undefined;
  readonly conceal: boolean;
  /** Opens without any secret, and nobody shall be asked. */
  readonly withoutSecret: boolean;
}

/** Options of the commands that make a vault. */
export const NEW_VAULT_OPTIONS = {
  "duress-file": { kind: "text", value: "FILE", help: "file with a PIN that destroys the vault and opens a decoy" },
  conceal: { kind: "flag", help: "make a vault that can have a hidden one beside it (advanced)" },
  "no-secret": { kind: "flag", help: "open without any secret, for programs; whoever holds the disk can read it" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** Reads what the options of `init` say about the vault. @throws {@link UsageFailure} if they contradict each other. */
export async function readVaultWishes(host: Host, args: Args, out: Output, relayUrl: string): Promise<VaultWishes> {
  const fromFile = async (option: string): Promise<string | undefined> => {
    const path = args.text(option);
    if (path === undefined) return undefined;
    const { secret, warning } = await readSecretFile(host, option, path);
    if (warning !== undefined) await out.note(warning);
    return secret;
  };
  const withoutSecret = args.flag("no-secret");
  if (withoutSecret && args.text(SECRET_FILE) !== undefined)
    throw new UsageFailure("--no-secret and --secret-file exclude each other.");
  if (withoutSecret && (args.flag("conceal") || args.text("duress-file") !== undefined))
    throw new UsageFailure("--duress-file and --conceal need a vault with a PIN.");
  if (args.flag("conceal") && args.text("duress-file") !== undefined)
    throw new UsageFailure("--conceal and --duress-file exclude each other: a hidden vault outlives no duress PIN.");
  return {
    relayUrl,
    secret: await fromFile(SECRET_FILE),
    duressPin: await fromFile("duress-file"),
    conceal: args.flag("conceal"),
    withoutSecret,
  };
}

/** Makes the vault that was wished for, after asking a person at a terminal what is missing. */
export async function makeVault(host: Host, out: Output, door: VaultDoor, wishes: VaultWishes): Promise<OpenVault> {
  const interactive = host.stdin.tty && host.stderr.tty && !wishes.withoutSecret;
  const plan =
    wishes.secret !== undefined
      ? planFromSecret(door, wishes, wishes.secret)
      : interactive
        ? await planWithPerson(host, out, door, wishes)
        : planWithoutSecret(wishes);
  if (plan.mode !== "pin" && (wishes.conceal || wishes.duressPin !== undefined))
    throw new UsageFailure("--duress-file and --conceal need a vault with a PIN.");
  const vault = await door.create(plan);
  try {
    if (wishes.duressPin !== undefined) await vault.setDuressPin(wishes.duressPin);
  } catch (error) {
    await vault.close();
    await door.wipe();
    throw error;
  }
  if (plan.mode === "none") await out.note(UNPROTECTED);
  return vault;
}

const UNPROTECTED =
  "Whoever holds this disk can read this profile: it has no secret. To protect one, make it at a terminal, or with --secret-file FILE.";

function planFromSecret(door: VaultDoor, wishes: VaultWishes, secret: string): NewVault {
  const { relayUrl } = wishes;
  if (PIN.test(secret)) {
    refuseBad(door, "pin", secret);
    return { mode: "pin", relayUrl, pin: secret, kind: wishes.conceal ? "conceal" : "destroy" };
  }
  if (secret.split(/\s+/u).length < PASSPHRASE_WORDS)
    throw refuse("The file of --secret-file must hold a PIN of six digits, or a passphrase of at least six words.");
  refuseBad(door, "passphrase", secret);
  return { mode: "passphrase", relayUrl, passphrase: secret };
}

function refuseBad(door: VaultDoor, mode: "pin" | "passphrase", secret: string): void {
  const problem = describeJudgement(door.judgeSecret(mode, secret));
  if (problem !== undefined) throw refuse(problem);
}

function planWithoutSecret(wishes: VaultWishes): NewVault {
  return { mode: "none", relayUrl: wishes.relayUrl };
}

async function planWithPerson(host: Host, out: Output, door: VaultDoor, wishes: VaultWishes): Promise<NewVault> {
  const { relayUrl } = wishes;
  const guards = await offeredGuards(door, relayUrl);
  const mode = guards === undefined ? "passphrase" : await askMode(host, out, guards, wishes);
  if (mode === "passphrase") {
    await out.note(
      guards === undefined
        ? "This relay names no guards, without which a PIN could be guessed from the disk. So this profile gets a passphrase of six words."
        : "A passphrase opens without a network. Nobody can bring it back if it is forgotten.",
    );
    return { mode, relayUrl, passphrase: await chooseSecret(host, out, door, mode) };
  }
  const pin = await chooseSecret(host, out, door, mode);
  return { mode, relayUrl, pin, kind: wishes.conceal ? "conceal" : "destroy" };
}

async function askMode(
  host: Host,
  out: Output,
  { guards, guesses, needed }: GuardsView,
  { conceal, duressPin }: VaultWishes,
): Promise<"pin" | "passphrase"> {
  if (conceal || duressPin !== undefined) return "pin";
  await out.note(
    [
      "How shall this profile be protected on this disk?",
      `  1  A PIN of six digits. A thief has ${String(guesses)} guesses, then everything is destroyed. Needs ${String(needed)} of ${String(guards.length)} guards each time it opens.`,
      "  2  A passphrase of six words. Opens without a network; a thief may guess for ever, which is why it is long.",
    ].join("\n"),
  );
  for (;;) {
    const answer = await host.stdin.ask("1 or 2 [1]: ", { hidden: false });
    if (answer === undefined) throw refuse("Cancelled.");
    const choice = answer.trim();
    if (choice === "" || choice === "1") return "pin";
    if (choice === "2") return "passphrase";
  }
}

/** A relay that cannot be asked has none to offer; that it cannot be reached is said when the account is made. */
async function offeredGuards(door: VaultDoor, relayUrl: string): Promise<GuardsView | undefined> {
  try {
    return await door.offeredGuards(relayUrl);
  } catch (error) {
    if (error instanceof ClientError && error.code === "guards-unreachable") throw new ClientError("relay-unreachable");
    throw error;
  }
}
