import type { Client } from "@stonechat/core/client-api";
import { parseCall, toRefusal, type WorkerMessage } from "./client-protocol.ts";
import type { ClientPort } from "./remote-client.ts";

/** Answers the calls that arrive at `port` with `client`, and pushes its events. Messages of any other shape are dropped. */
export function serveClient(client: Client, port: ClientPort): void {
  const post = (message: WorkerMessage): void => {
    port.postMessage(message);
  };
  port.addEventListener("message", ({ data }) => {
    const call = parseCall(data);
    if (call === undefined) return;
    // Each name was checked against Client's; its arguments are the page's, which is our own code.
    const method = client[call.method].bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
    method(...call.args).then(
      (value) => {
        post({ type: "result", id: call.id, value });
      },
      (error: unknown) => {
        post(toRefusal(call.id, error));
      },
    );
  });
  client.onEvent((event) => {
    post({ type: "event", event });
  });
}
