import { join } from "node:path";
import { connectTo } from "@stonechat/serving/endpoint";
import { CONTROL_SOCKET, type ControlAnswer, type ControlRequest } from "./control-messages.ts";

/** No answer of ours is longer. */
const MAX_ANSWER_CHARS = 1024 * 1024;

/**
 * Asks the relay that runs on this data folder, for as long as its answer takes.
 *
 * @returns undefined if none runs there, or it ended before it answered.
 */
export async function askRelay(data: string, request: ControlRequest): Promise<ControlAnswer | undefined> {
  const socket = await connectTo(join(data, CONTROL_SOCKET));
  if (socket === undefined) return undefined;
  socket.setEncoding("utf8");
  socket.write(`${JSON.stringify(request)}\n`);
  let text = "";
  try {
    for await (const chunk of socket as AsyncIterable<string>) {
      text += chunk;
      if (text.length > MAX_ANSWER_CHARS) return undefined;
    }
  } catch {
    // The relay ended under way.
    return undefined;
  }
  return text.endsWith("\n") ? (JSON.parse(text) as ControlAnswer) : undefined; // the relay of this very user wrote it
}
