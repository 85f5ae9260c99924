import type { Client, VaultView } from "@stonechat/core";
import { ClientError } from "@stonechat/core";
import type { Command, CommandContext, OptionSpec } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { statusLines, statusObject, vaultLines, vaultObject } from "../output/vault-shapes.ts";
import { findHolder, withVaultDoor } from "../profile/profile-access.ts";
import { folderIsThere } from "../profile/profile-folder.ts";
import { chooseSecret, describeJudgement } from "../vault/new-secret.ts";
import { readSecretFile } from "../vault/secret-file.ts";
import { HOLD_OPTIONS, holdOpen } from "./hold-open.ts";
import { finishHere } from "./done.ts";

const NEW_SECRET_FILE = {
  kind: "text",
  value: "FILE",
  help: "file with the new one; - reads standard input",
} as const satisfies OptionSpec;

/** `stonechat vault`: what can be seen of the vault, and more if it is open. Asks for nothing. */
export const vault: Command = {
  name: "vault",
  summary: "Show how the profile is protected",
  positionals: [],
  options: {},
  notes: ["Shows more of a vault that is open, or whose secret is given with --secret-file."],
  async run(context) {
    const { entry, host, out, profile } = context;
    const { paths } = profile;
    if (!(await folderIsThere(paths.home))) throw new ClientError("no-account");
    const status =
      (await findHolder(paths)) === undefined
        ? await withVaultDoor(host, paths, false, (door) => door.status())
        : undefined;
    const opens = status === undefined || (status.type === "locked" && (status.mode === "none" || entry.given));
    if (!opens) {
      await out.result(statusObject(status), () => statusLines(status));
      return EXIT.done;
    }
    const view = await viewOf(await profile.open());
    await out.result(vaultObject(view), () => vaultLines(view));
    return EXIT.done;
  },
};

/** `stonechat vault change-secret`: another PIN or passphrase. */
export const vaultChangeSecret: Command = {
  name: "vault change-secret",
  summary: "Choose another PIN or passphrase",
  positionals: [],
  options: { "new-secret-file": NEW_SECRET_FILE },
  notes: ["The present one is read from --secret-file, or asked for, also while the profile is open."],
  async run(context) {
    const { entry, profile } = context;
    entry.keep = true;
    const client = await profile.open();
    const mode = secretMode(await viewOf(client));
    const current = entry.kept ?? (await entry.read(mode));
    await client.changeSecret({ current, next: await newSecret(context, mode, "new-secret-file") });
    return await finishHere(context, {}, mode === "pin" ? "The PIN is changed." : "The passphrase is changed.");
  },
};

/** `stonechat vault duress`: a PIN that destroys this vault and opens a decoy. */
export const vaultDuress: Command = {
  name: "vault duress",
  summary: "Set a PIN that destroys this vault and opens a decoy",
  positionals: [],
  options: { "duress-file": NEW_SECRET_FILE, off: { kind: "flag", help: "take the duress PIN away" } },
  notes: ["Fill the decoy so that it is believed: stonechat vault fill-decoy"],
  async run(context) {
    const { args, profile } = context;
    const off = args.flag("off");
    if (off && args.text("duress-file") !== undefined)
      throw new UsageFailure("--off and --duress-file exclude each other.");
    const client = await profile.open();
    if (secretMode(await viewOf(client)) !== "pin") throw new ClientError("not-possible");
    await client.setDuressPin(off ? undefined : await newSecret(context, "pin", "duress-file"));
    return await finishHere(context, { off }, off ? "The duress PIN is taken away." : "The duress PIN is set.");
  },
};

/** `stonechat vault hidden`: a second vault that this one keeps alive without knowing it. */
export const vaultHidden: Command = {
  name: "vault hidden",
  summary: "Make a hidden vault beside this one (made with --conceal)",
  positionals: [],
  options: { "new-secret-file": NEW_SECRET_FILE },
  notes: [
    "Open it with: stonechat unlock, giving its PIN; then make its account with: stonechat init.",
    "Nothing on the disk tells that it is there. A guard that keeps records can tell that another vault was opened than usual.",
  ],
  async run(context) {
    const client = await context.profile.open();
    if (secretMode(await viewOf(client)) !== "pin") throw new ClientError("not-possible");
    await client.addHiddenVault(await newSecret(context, "pin", "new-secret-file"));
    return await finishHere(context, {}, "The hidden vault is made. It opens with its PIN.");
  },
};

/** `stonechat vault fill-decoy`: enters the decoy from the real vault, and keeps it open for other commands. */
export const vaultFillDecoy: Command = {
  name: "vault fill-decoy",
  summary: "Open the decoy, to make it believable",
  positionals: [],
  options: HOLD_OPTIONS,
  notes: [
    "The commands that follow are the decoy's: stonechat init gives it an account, contacts and messages make it lived in.",
    "It locks again after the time, by stonechat lock, and when the machine sleeps. The real vault stays as it is.",
  ],
  endsItself: true,
  async run(context) {
    return await holdOpen(context, {
      alone: true,
      async enter(door, usual) {
        const real = await usual(door);
        try {
          return await real.visitDecoy();
        } catch (error) {
          await real.close();
          throw error;
        }
      },
    });
  },
};

async function viewOf(client: Client): Promise<VaultView> {
  const view = await client.vault();
  if (view === undefined) throw new ClientError("not-possible");
  return view;
}

function secretMode({ mode }: VaultView): "pin" | "passphrase" {
  if (mode === "none") throw refuse("This profile has no secret. To protect one, make a new profile with one.");
  return mode;
}

/** From the file that the option names, or from a person. */
async function newSecret(context: CommandContext, mode: "pin" | "passphrase", option: string): Promise<string> {
  const { args, host, out } = context;
  const path = args.text(option);
  const rules = await host.rehearsalDoor();
  if (path === undefined) {
    if (!host.stdin.tty || !host.stderr.tty)
      throw new UsageFailure(`Nobody can be asked here. Give the new one with --${option} FILE.`);
    return await chooseSecret(host, out, rules, mode);
  }
  const { secret, warning } = await readSecretFile(host, option, path);
  if (warning !== undefined) await out.note(warning);
  const problem = describeJudgement(rules.judgeSecret(mode, secret));
  if (problem !== undefined) throw refuse(problem);
  return secret;
}
