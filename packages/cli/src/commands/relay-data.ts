import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { CommandContext, OptionSpec } from "../arguments/command.ts";
import { refuse, UsageFailure } from "../failure.ts";

/** For commands about a relay of this machine. */
export const DATA_OPTION = {
  data: { kind: "text", value: "DIR", help: "the relay's data folder (else STONECHAT_RELAY_DATA)" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

/** The folder that {@link DATA_OPTION} names, whether it is there or not. @throws UsageFailure if it is not named. */
export function namedRelayData({ args, host }: CommandContext): string {
  const given = args.text("data") ?? host.env["STONECHAT_RELAY_DATA"];
  if (given === undefined || given === "") throw new UsageFailure("--data DIR is missing.");
  return resolve(host.cwd, given);
}

/** The same, which must be there. @throws CliFailure if it is not. */
export async function relayData(context: CommandContext): Promise<string> {
  const path = namedRelayData(context);
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() !== true)
    throw refuse("There is no data folder there. Start the relay once, then run this again.");
  return path;
}
