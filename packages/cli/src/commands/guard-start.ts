import type { GuardConfig, RunningGuard } from "@stonechat/guard";
import type { Command } from "../arguments/command.ts";
import { CliFailure, EXIT, refuse } from "../failure.ts";
import { GUARD_COMMAND_OPTIONS, readGuardConfig } from "./guard-settings.ts";

/** `stonechat guard start`: runs a guard until it is told to stop. */
export const guardStart: Command = {
  name: "guard start",
  summary: "Run a guard, which counts and limits guesses at PINs",
  positionals: [],
  options: GUARD_COMMAND_OPTIONS,
  notes: [
    "Read docs/OPERATING.md first: a guard's records must never be restored from a backup.",
    "The log goes to stderr. SIGTERM or Ctrl-C stops it in order.",
  ],
  endsItself: true,
  async run(context) {
    const guard = await startOrExplain(await readGuardConfig(context));
    const { out, host } = context;
    const { url, metricsUrl, fingerprint } = guard;
    await out.result({ type: "ready", url, fingerprint, ...(metricsUrl === undefined ? {} : { metricsUrl }) }, () => [
      `The guard serves at ${url}. Its key's fingerprint is ${fingerprint}. Ctrl-C stops it.`,
    ]);
    const stopped = new Promise<undefined>((done) => {
      if (host.interrupted.aborted) done(undefined);
      host.interrupted.addEventListener("abort", () => {
        done(undefined);
      });
    });
    const failure = await Promise.race([stopped, guard.failed]);
    await guard.close();
    if (failure !== undefined) throw refuse("The guard's storage failed, so it stopped. See the log above.");
    return EXIT.done;
  },
};

/** Starts a guard, and says in words why it cannot. */
export async function startOrExplain(config: GuardConfig): Promise<RunningGuard> {
  const { KeyFileError, NewerFormatError, startGuard } = await import("@stonechat/guard");
  const { DataFolderError } = await import("@stonechat/serving");
  try {
    return await startGuard(config);
  } catch (error) {
    if (error instanceof DataFolderError || error instanceof KeyFileError)
      throw refuse(`The guard cannot use its data folder: ${error.message}.`, { cause: error });
    // The store opens on a thread of its own, from which errors come by name.
    if (error instanceof NewerFormatError || (error instanceof Error && error.name === "NewerFormatError"))
      throw new CliFailure(EXIT.failed, "The data folder was written by a newer version. Update Stonechat.", {
        cause: error,
      });
    throw error;
  }
}
