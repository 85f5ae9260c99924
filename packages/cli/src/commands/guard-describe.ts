import type { Command } from "../arguments/command.ts";
import { EXIT, refuse, UsageFailure } from "../failure.ts";
import { GUARD_COMMAND_OPTIONS, readGuardConfig } from "./guard-settings.ts";

/** `stonechat guard describe`: a guard's entry for the list that relays are given. */
export const guardDescribe: Command = {
  name: "guard describe",
  summary: "Print what a relay's list of guards says of this one",
  positionals: [],
  options: GUARD_COMMAND_OPTIONS,
  notes: ["Needs --name, --operator and --public-url, or the same in the settings. The guard may be running."],
  async run(context) {
    const { data, name, operator, publicUrl } = await readGuardConfig(context);
    if (name === undefined || operator === undefined || publicUrl === undefined)
      throw new UsageFailure("--name, --operator and --public-url are needed: they are shown to people.");
    const { describeGuard, KeyFileError } = await import("@stonechat/guard");
    try {
      const { listing, fingerprint } = await describeGuard(data, { name, operator, url: publicUrl });
      // JSON in either case: it is to be pasted into a file.
      await context.out.exact(JSON.stringify(listing));
      await context.out.note(`Fingerprint: ${fingerprint}. Relays and people may compare it.`);
      return EXIT.done;
    } catch (error) {
      if (error instanceof KeyFileError)
        throw refuse(`The guard cannot be described: ${error.message}.`, { cause: error });
      throw error;
    }
  },
};
