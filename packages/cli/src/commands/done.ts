import type { CommandContext } from "../arguments/command.ts";
import type { Client } from "@stonechat/core";
import { waitForRelay } from "../client/progress.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import type { Line, Output } from "../output/output.ts";
import type { JsonObject } from "../output/shapes.ts";

/**
 * Ends a command whose change has to reach the relay: prints `{"type":"done","command":…,"state":…}` with the fields of
 * `about`, or the human line. Gives 4 if the relay is out of reach for now.
 */
export async function finishAtRelay(
  context: CommandContext,
  client: Client,
  about: Readonly<Record<string, unknown>>,
  human: Line,
): Promise<ExitCode> {
  const reached = await waitForRelay(client, context.host);
  return await finish(context.out, reached, { type: "done", command: context.command.name, ...about }, human);
}

/** Ends a command with an object of its own, to which `state` is added: `sent`, or `waiting` with exit code 4. */
export async function finish(out: Output, reached: boolean, object: JsonObject, human: Line): Promise<ExitCode> {
  await out.result({ ...object, state: reached ? "sent" : "waiting" }, () => [human]);
  return reached ? EXIT.done : await noteLater(out);
}

/** Ends a command that changed only this profile. */
export async function finishHere(
  { command, out }: CommandContext,
  about: Readonly<Record<string, unknown>>,
  human: Line,
): Promise<ExitCode> {
  await out.result({ type: "done", command: command.name, ...about }, () => [human]);
  return EXIT.done;
}

/** Says that the relay is out of reach and nothing is lost. */
export async function noteLater(out: Output): Promise<ExitCode> {
  await out.note("The relay cannot be reached right now. Nothing is lost: it will be sent when stonechat next runs.");
  return EXIT.unreachable;
}
