import type { Client } from "@stonechat/core";
import type { Backend } from "./backend.ts";
import type { SharedMethod } from "./client-methods.ts";

/** A backend on this process's own core. Going online happens once, whoever asks for it. */
export function createOwnBackend(client: Client): Backend {
  let started: Promise<void> | undefined;
  return {
    gone: new Promise<never>(() => {
      // Never: it is this process.
    }),
    async call(method, args) {
      if (method === "start") {
        started ??= client.start();
        await started;
        return undefined;
      }
      return await invoke(client, method, args);
    },
    onEvent: (listener) => client.onEvent(listener),
    close: () => client.close(),
  };
}

function invoke(client: Client, method: SharedMethod, args: readonly unknown[]): Promise<unknown> {
  // Which arguments belong to which method is checked where the call is written; the core checks their values.
  const call = client[method].bind(client) as (...args: readonly unknown[]) => Promise<unknown>;
  return call(...args);
}
