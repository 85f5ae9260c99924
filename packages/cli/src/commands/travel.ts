import type { TravelView } from "@stonechat/core";
import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { isoTime, localTime } from "../output/time.ts";
import { endHolder, withVaultDoor } from "../profile/profile-access.ts";
import { prepareProfileFolder } from "../profile/profile-folder.ts";
import { removeRest } from "../profile/remove-rest.ts";
import { finishHere } from "./done.ts";
import { relayUrlFrom } from "./fresh-account.ts";
import { readPaper, showPaper } from "./paper.ts";

/** `stonechat backup travel`: the vault goes to the relay and off this device. */
export const backupTravel: Command = {
  name: "backup travel",
  summary: "Leave the encrypted vault at the relay, and take it off this device",
  positionals: [],
  options: { yes: { kind: "flag", help: "do not ask whether the code is written down" } },
  notes: [
    "The code that is shown brings it back, with your PIN or passphrase: stonechat backup restore-travel",
    "Without the code the vault is lost.",
  ],
  async run(context) {
    const { args, host, out, profile } = context;
    const asks = !args.flag("yes");
    if (asks && (!host.stdin.tty || !host.stderr.tty))
      throw new UsageFailure("Nobody can be asked here. To take the vault off this device at once, give --yes.");
    const client = await profile.open();
    await client.start();
    const travel = await client.prepareTravel();
    await profile.close();
    await endHolder(host, profile.paths, "now");
    await showTravel(context, travel);
    if (asks) await confirm(context, travel);
    await withVaultDoor(host, profile.paths, false, (door) => door.forget());
    await removeRest(profile.paths);
    await out.say("The vault is off this device.");
    return EXIT.done;
  },
};

/** `stonechat backup restore-travel`: the vault comes back, locked as it was. */
export const backupRestoreTravel: Command = {
  name: "backup restore-travel",
  summary: "Bring the vault back that was left at the relay",
  positionals: [],
  options: {
    relay: { kind: "text", value: "URL", help: "address of the relay; not needed with the text of the code" },
    "travel-file": { kind: "text", value: "FILE", help: "file with the words or the code; - reads standard input" },
  },
  async run(context) {
    const { args, host, profile } = context;
    const relay = args.text("relay");
    const relayUrl = relay === undefined ? undefined : relayUrlFrom(relay);
    const code = await readPaper(context, "travel-file", "The 12 words of the code, or its text: ");
    await prepareProfileFolder(profile.paths.home);
    const input = { code, ...(relayUrl === undefined ? {} : { relayUrl }) };
    const done = await withVaultDoor(host, profile.paths, false, async (door) => {
      await host.restoreTravel(door, input);
      return true;
    });
    if (done === undefined) throw refuse("Another stonechat is using this profile. End it with: stonechat lock");
    return await finishHere(context, {}, "The vault is back. Open it with: stonechat unlock");
  },
};

async function showTravel(context: CommandContext, travel: TravelView): Promise<void> {
  const { words, qr, relayUrl, keptUntil, bytes } = travel;
  await context.out.result(
    { type: "travel", words, qr, relay: relayUrl, keptUntil: isoTime(keptUntil), bytes },
    () => [],
  );
  await showPaper(context, words, qr, [
    `Restore with: stonechat backup restore-travel --relay ${relayUrl}`,
    `The relay keeps it until ${localTime(keptUntil)}, and no longer.`,
  ]);
}

/** Whoever can type a word of the code has it somewhere else than here. */
async function confirm({ host }: CommandContext, { words, keptUntil }: TravelView): Promise<void> {
  const answer = await host.stdin.ask(
    "Write the code down. Then type its last word, and the vault goes off this device: ",
    { hidden: false },
  );
  if (answer?.trim().toLowerCase() === words.at(-1)) return;
  throw refuse(
    `Nothing was removed here. A copy stays at the relay until ${localTime(keptUntil)}; its code is of no use to anybody without your secret.`,
  );
}
