import type { Command } from "../arguments/command.ts";
import { ClientError } from "@stonechat/core";
import { refuse } from "../failure.ts";
import { endHolder, withVaultDoor } from "../profile/profile-access.ts";
import { folderIsThere } from "../profile/profile-folder.ts";
import { finishHere } from "./done.ts";
import { HOLD_OPTIONS, holdOpen } from "./hold-open.ts";

/** `stonechat unlock`: opens the vault and keeps it open for other commands. */
export const unlock: Command = {
  name: "unlock",
  summary: "Open a locked profile for the commands that follow",
  positionals: [],
  options: HOLD_OPTIONS,
  notes: ["It locks again after the time, by stonechat lock, and when the machine sleeps."],
  endsItself: true,
  async run(context) {
    return await holdOpen(context, { enter: (door, usual) => usual(door), alone: false });
  },
};

/** `stonechat lock`: burns what is due, and ends the process that has the vault open. */
export const lock: Command = {
  name: "lock",
  summary: "Lock the profile now; commands that use it end",
  positionals: [],
  options: {},
  async run(context) {
    const { host, profile } = context;
    if (!(await folderIsThere(profile.paths.home))) throw new ClientError("no-account");
    await endHolder(host, profile.paths, "burn");
    const status = await withVaultDoor(host, profile.paths, false, (door) => door.status());
    if (status?.type === "absent") throw new ClientError("no-account");
    if (status?.type === "locked" && status.mode === "none")
      throw refuse("This profile has no secret: it opens by itself, and cannot be locked.");
    return await finishHere(context, {}, "Locked.");
  },
};
