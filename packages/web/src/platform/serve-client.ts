import type { Client } from "@stonechat/core/client-api";
import { parseCall, toRefusal, type WorkerMessage } from "./client-protocol.ts";
import type { Door } from "./door.ts";
import type { ClientPort } from "./remote-client.ts";

/** What answers behind a border. */
export interface Served {
  readonly door: Door;
  /** The client of the open vault. @throws ClientError `bad-value` while none is open. */
  client(): Client;
}

/** Answers the calls that arrive at `port`. Messages of any other shape are dropped. */
export function serveClient(served: Served, port: ClientPort): void {
  const post = (message: WorkerMessage): void => {
    port.postMessage(message);
  };
  port.addEventListener("message", ({ data }) => {
    const message = parseCall(data);
    if (message === undefined) return;
    const { id, args } = message;
    // Each name was checked against the lists; its arguments are the page's, which is our own code.
    const work = async (): Promise<unknown> => {
      const target: object = message.type === "call" ? served.client() : served.door;
      const method = Reflect.get(target, message.method) as (...args: readonly unknown[]) => Promise<unknown>;
      return method.apply(target, [...args]);
    };
    work().then(
      (value) => {
        post({ type: "result", id, value });
      },
      (error: unknown) => {
        post(toRefusal(id, error));
      },
    );
  });
}
