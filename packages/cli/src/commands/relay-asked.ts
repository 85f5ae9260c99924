import type { ControlAnswer, ControlRequest } from "@stonechat/relay/operating";
import { CliFailure, EXIT, refuse } from "../failure.ts";

/** Asks the relay that runs on this folder. @throws CliFailure when none runs there, or it refuses. */
export async function askRunningRelay<T extends ControlAnswer["type"]>(
  data: string,
  type: T,
  request: ControlRequest,
): Promise<Extract<ControlAnswer, { readonly type: T }>> {
  const answer = await askIfRunning(data, type, request);
  if (answer === undefined) throw new CliFailure(EXIT.unreachable, "No relay runs on this data folder.");
  return answer;
}

/** The same; undefined when none runs there. */
export async function askIfRunning<T extends ControlAnswer["type"]>(
  data: string,
  type: T,
  request: ControlRequest,
): Promise<Extract<ControlAnswer, { readonly type: T }> | undefined> {
  const { askRelay } = await import("@stonechat/relay/operating");
  const answer = await askRelay(data, request);
  if (answer === undefined) return undefined;
  if (answer.type === "refused") throw refuse(answer.reason);
  if (answer.type !== type) throw refuse("The relay is of another version. Restart it, then run this again.");
  return answer as Extract<ControlAnswer, { readonly type: T }>; // just looked at
}
