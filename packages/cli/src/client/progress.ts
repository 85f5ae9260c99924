import type { Client, ClientEvent, ConversationView, MessageView } from "@stonechat/core";
import type { Host } from "../host.ts";

/** How long a command waits for the relay before it says that it will be done later. */
export const RELAY_PATIENCE_MS = 15_000;
/** How long a list waits for news before it shows what is known. */
const NEWS_PATIENCE_MS = 5_000;
/** An event may be missed while the holder of the profile changes; looking again now and then makes up for it. */
const LOOK_AGAIN_MS = 500;

/** How to wait. */
export interface Waiting {
  readonly patienceMs: number;
  /** Ends the waiting early. */
  readonly stop?: AbortSignal;
  /** Events that start the patience anew. */
  readonly isProgress?: (event: ClientEvent) => boolean;
}

/**
 * Looks again after every event, and now and then, until `look` gives something.
 *
 * @returns undefined when the patience ended without progress, or the process is to end.
 */
export async function waitUntil<Result>(
  client: Client,
  host: Host,
  waiting: Waiting,
  look: () => Promise<{ readonly done: Result } | undefined>,
): Promise<Result | undefined> {
  const stop = waiting.stop === undefined ? host.interrupted : AbortSignal.any([host.interrupted, waiting.stop]);
  let deadline = host.now() + waiting.patienceMs;
  let wake = new AbortController();
  const unsubscribe = client.onEvent((event) => {
    if (waiting.isProgress?.(event) === true) deadline = host.now() + waiting.patienceMs;
    wake.abort();
  });
  try {
    for (;;) {
      wake = new AbortController();
      const looked = await look();
      if (looked !== undefined) return looked.done;
      const left = deadline - host.now();
      if (left <= 0 || stop.aborted) return undefined;
      await host.delay(Math.min(left, LOOK_AGAIN_MS), AbortSignal.any([wake.signal, stop]));
    }
  } finally {
    unsubscribe();
  }
}

/** What became of a sent message by the time we stopped waiting. */
export async function waitForSent(
  client: Client,
  host: Host,
  conversation: ConversationView,
  sent: MessageView,
  patienceMs: number,
): Promise<MessageView> {
  let latest = sent;
  await waitUntil(client, host, { patienceMs, isProgress: (event) => event.type === "transfer" }, async () => {
    latest = await client.message(conversation.id, sent.id);
    if (latest.state !== "waiting") return { done: true };
    return (await client.connection()) === "offline" ? { done: false } : undefined;
  });
  return latest;
}

/** Waits until the relay has everything we queued. `false`: it is out of reach for now, and the core goes on when it next runs. */
export async function waitForRelay(client: Client, host: Host): Promise<boolean> {
  return await settleUnlessOffline(client, host, RELAY_PATIENCE_MS);
}

/** Fetches what the relay holds for us, if it is in reach. */
export async function fetchNews(client: Client, host: Host): Promise<boolean> {
  await client.start();
  return await settleUnlessOffline(client, host, NEWS_PATIENCE_MS);
}

async function settleUnlessOffline(client: Client, host: Host, patienceMs: number): Promise<boolean> {
  const finished = new AbortController();
  const offline = waitUntil(client, host, { patienceMs, stop: finished.signal }, async () => {
    const state = await client.connection();
    return state === "offline" || state === "outdated" ? { done: false } : undefined;
  });
  const settled = client.settle(patienceMs);
  try {
    return (await Promise.race([settled, offline])) ?? false;
  } finally {
    finished.abort();
    // Whichever lost the race may still fail when the profile is closed, and has nothing more to say.
    settled.catch(() => undefined);
    offline.catch(() => undefined);
  }
}
