import type { Command, CommandContext } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure, type CliFailure } from "../failure.ts";
import { endHolder, withVaultDoor } from "../profile/profile-access.ts";
import { folderIsThere } from "../profile/profile-folder.ts";
import { removeRest } from "../profile/remove-rest.ts";

/** `stonechat wipe`: destroys the profile without its secret. */
export const wipe: Command = {
  name: "wipe",
  summary: "Destroy everything in this profile, without its secret",
  positionals: [],
  options: { yes: { kind: "flag", help: "do not ask" } },
  notes: [
    "Nothing brings it back. A wipe that was cut off is finished by running it again; the keys went first.",
    "What the disk keeps of overwritten files is beyond this program.",
  ],
  async run(context) {
    const { host, out, profile } = context;
    if (!context.args.flag("yes")) await confirm(context);
    const { paths } = profile;
    let outcome = { guards: 0, guardsReached: 0 };
    if (await folderIsThere(paths.home)) {
      const reachable = await endHolder(host, paths, "now").then(
        () => true,
        () => false,
      );
      // Another process that cannot be ended keeps its keys in memory, but not the files.
      outcome = (await withVaultDoor(host, paths, !reachable, (door) => door.wipe())) ?? outcome;
      await removeRest(paths);
    }
    await out.result({ type: "done", command: "wipe", ...outcome }, () => ["Everything in this profile is destroyed."]);
    if (outcome.guardsReached < outcome.guards) {
      await out.note(
        `${String(outcome.guardsReached)} of ${String(outcome.guards)} guards heard of it. The keys on this disk are gone all the same.`,
      );
    }
    return EXIT.done;
  },
};

async function confirm({ host }: CommandContext): Promise<void> {
  if (!host.stdin.tty || !host.stderr.tty)
    throw new UsageFailure("Nobody can be asked here. To destroy everything in this profile, give --yes.");
  const answer = await host.stdin.ask(
    "This destroys the account, the contacts and the messages in this profile for good. Type wipe to go on: ",
    { hidden: false },
  );
  if (answer?.trim().toLowerCase() !== "wipe") throw nothingDone();
}

function nothingDone(): CliFailure {
  return refuse("Nothing was destroyed.");
}
